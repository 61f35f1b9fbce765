// Sentences by key; Vietnamese is in the page already, the others come once.
let files = {}, current = 'vi';

export async function load() {
  const answer = await fetch('/api/lang');
  if (answer.ok) files = await answer.json();
}

export const language = () => current;

export function say(key, values = {}) {
  const sentence = files[current]?.text[key] ?? files.vi?.text[key] ?? key;
  return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), sentence);
}

export function use(code) {
  current = code;
  document.documentElement.lang = code;
  document.querySelectorAll('[data-t]').forEach((element) => { element.textContent = say(element.dataset.t); });
  document.querySelectorAll('[data-t-placeholder]').forEach((element) => { element.placeholder = say(element.dataset.tPlaceholder); });
  document.querySelectorAll('[data-lang]').forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.lang === code)));
}

// "7 người chờ", "khoảng 20–30 phút"
export function waiting(people, wait) {
  return people === 0 ? [say('wait.none')] : [say('wait.people', { n: people }), minutes(wait)];
}

export function minutes(wait) {
  if (!wait || wait.minutes_max === 0) return say('wait.unknown');
  const key = wait.minutes_min > 0 && wait.minutes_min < wait.minutes_max ? 'wait.minutes' : 'wait.minute';
  return say(key, { min: wait.minutes_min, max: wait.minutes_max });
}
