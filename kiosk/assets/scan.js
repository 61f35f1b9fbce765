// What was held before the scanner; and the errands that begin with a paper of ours, for whoever does not know that yet.
import { byId } from './live.js';
import { say } from './lang.js';

export function drawScan(scan) {
  byId('scan-title').textContent = say(scan.title, scan.values);
  byId('scan-text').textContent = scan.text ? say(scan.text, scan.values) : '';
  // The centre's own words are Vietnamese.
  byId('scan-said').textContent = scan.said;
  byId('scan-code').textContent = scan.values.code ?? '';
  byId('scan').dataset.kind = scan.kind.split('.').pop();
  byId('scan-take').hidden = !scan.offer;
  byId('scan-take-text').textContent = scan.offer ? say(scan.offer.words) : '';
}

/** Of the guidance desk's area: the code on the receipt says most, and a number is there without it too. */
function errands({ collect_queue_id: collect, guidance_queue_id: guidance }) {
  const ask = (name, queue_id, words) => ({
    kind: `intent.${name}`, title: 'intent.scan', text: `intent.${name}.ask`, values: {}, said: '', priority: null,
    offer: { queue_id, priority_class: '', words },
  });
  return { collect: ask('collect', collect, 'intent.collect.take'), supplement: ask('supplement', guidance, 'guidance.take') };
}

/** What people type for them, without marks. */
const WORDS = { collect: /ket qua|collect|result/, supplement: /bo sung|supplement|missing/ };
const plain = (text) => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('đ', 'd');

/** Their rows: all, or those that these words mean. `open` is given what to show for one. */
export function errandRows(centre, open, words) {
  const meant = Object.entries(centre ? errands(centre) : {}).filter(([name]) => words === undefined || WORDS[name].test(plain(words)));
  return meant.map(([name, ask]) => {
    const line = byId('row').content.cloneNode(true);
    line.querySelector('.name').textContent = say(`intent.${name}`);
    line.querySelector('button').addEventListener('click', () => open(ask));
    return line;
  });
}
