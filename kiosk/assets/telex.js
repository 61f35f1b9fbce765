// Vietnamese from plain keys, as Telex writes it: aa â, aw ă, dd đ, ee ê, oo ô, ow ơ, uw ư; s f r x j are the tones, z takes
// one away. The same key twice takes the mark back and writes the letter.
const TONES = { s: '\u0301', f: '\u0300', r: '\u0309', x: '\u0303', j: '\u0323' };
const TONE = /[\u0300\u0301\u0303\u0309\u0323]/g;
const HATS = { a: 'â', e: 'ê', o: 'ô' };
const HORNS = { a: 'ă', o: 'ơ', u: 'ư' };
const VOWELS = 'aăâeêioôơuưy';

/** A word as letters without tone, and its tone. */
function apart(word) {
  const whole = word.normalize('NFD');
  return [whole.replace(TONE, '').normalize('NFC'), whole.match(TONE)?.[0] ?? ''];
}

/** Which letter bears the tone; -1 where none can. */
function bearer(letters) {
  // Of "qu" and "gi" before a vowel the second letter is no vowel.
  const from = /^(qu|gi)[aăâeêioôơuưy]/.test(letters) ? 2 : 0;
  const vowels = [...letters].map((_, at) => at).filter((at) => at >= from && VOWELS.includes(letters[at]));
  const marked = vowels.filter((at) => 'ăâêôơư'.includes(letters[at]));
  if (marked.length > 0) return marked.at(-1);
  if (vowels.length < 2) return vowels[0] ?? -1;
  // A closed syllable bears it on its last vowel, an open one on the last but one.
  return vowels.at(-1) === letters.length - 1 ? vowels.at(-2) : vowels.at(-1);
}

function joined(letters, tone) {
  const at = bearer(letters);
  return tone === '' || at < 0 ? letters : (letters.slice(0, at + 1) + tone + letters.slice(at + 1)).normalize('NFC');
}

const swap = (letters, at, letter) => letters.slice(0, at) + letter + letters.slice(at + 1);

/** A word with one more key; plain letters in lower case. */
function key(word, k) {
  const [letters, tone] = apart(word);
  if (k in TONES && bearer(letters) >= 0) return tone === TONES[k] ? letters + k : joined(letters, TONES[k]);
  if (k === 'z' && tone !== '') return letters;
  if (k === 'd' && letters.startsWith('d')) return joined(swap(letters, 0, 'đ'), tone);
  if (k === 'd' && letters.startsWith('đ')) return joined(swap(letters, 0, 'd'), tone) + k;
  const hat = HATS[k];
  if (hat && letters.includes(hat)) return joined(swap(letters, letters.lastIndexOf(hat), k), tone) + k;
  if (hat && letters.includes(k)) return joined(swap(letters, letters.lastIndexOf(k), hat), tone);
  if (k === 'w') {
    if (/uo/.test(letters)) return joined(letters.replace('uo', 'ươ'), tone);
    const at = [...letters].findLastIndex((letter) => letter in HORNS);
    if (at >= 0) return joined(swap(letters, at, HORNS[letters[at]]), tone);
  }
  return joined(letters + k, tone);
}

/** What stands in the field once this key is pressed: only the last word changes. */
export function telex(text, k) {
  const [word] = text.match(/\p{L}*$/u);
  return text.slice(0, text.length - word.length) + key(word, k);
}
