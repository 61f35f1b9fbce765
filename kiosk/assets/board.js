import { byId, listen, paint } from './live.js';

const board = byId('board'), hero = byId('hero'), rows = byId('rows');
const ROWS = 6, FLASH_MS = 3000;
const flashing = new Map();
let wasReady = board.dataset.ready !== undefined;

const text = (parent, selector, value) => { const found = parent.querySelector(selector); if (found.textContent !== value) found.textContent = value; };

function number(into, call) {
  const letter = document.createElement('span'), digits = document.createElement('span');
  letter.className = 'letter'; letter.textContent = call.letter; paint(letter, call.colour);
  digits.className = 'digits'; digits.textContent = call.digits;
  into.replaceChildren(letter, digits);
}

// Switches three times at 1 Hz; a call that flashes already starts again.
function flash(element, ticket) {
  const until = flashing.get(ticket);
  if (!until) return;
  if (until < performance.now()) { flashing.delete(ticket); return; }
  const left = until - performance.now();
  element.classList.add('flash');
  for (const animation of element.getAnimations({ subtree: true })) animation.currentTime = FLASH_MS - left;
  setTimeout(() => { if ((flashing.get(ticket) ?? 0) <= performance.now()) element.classList.remove('flash'); }, left);
}

const icon = document.querySelector('.hero .counter .icon');

function row(call) {
  const line = document.createElement('li'), ticket = document.createElement('b'), counter = document.createElement('span');
  ticket.className = 'number'; number(ticket, call);
  counter.className = 'counter';
  const word = document.createElement('span'), n = document.createElement('span');
  word.className = 'word'; word.textContent = 'Quầy'; n.className = 'n'; n.textContent = call.counter;
  counter.append(word, ' ', n);
  line.dataset.ticket = call.number; line.dataset.counter = call.counter;
  line.classList.toggle('finished', call.finished);
  line.append(ticket, icon.cloneNode(true), counter);
  return line;
}

function show(state) {
  const until = performance.now() + FLASH_MS;
  for (const ticket of state.flash) flashing.set(ticket, until);
  const call = state.hero;
  hero.classList.remove('flash');
  hero.querySelector('.call').hidden = !call;
  hero.querySelector('.none').hidden = !!call;
  if (call) {
    number(hero.querySelector('.number'), call);
    text(hero, '.counter .n', String(call.counter));
    hero.dataset.ticket = call.number; hero.dataset.counter = call.counter;
    flash(hero, call.number);
  } else {
    delete hero.dataset.ticket; delete hero.dataset.counter;
  }
  const lines = state.rows.map(row);
  while (lines.length < ROWS) { const empty = document.createElement('li'); empty.className = 'empty'; lines.push(empty); }
  rows.replaceChildren(...lines);
  state.rows.forEach((call, i) => flash(lines[i], call.number));
}

document.querySelectorAll('[data-colour]').forEach((letter) => paint(letter, letter.dataset.colour));

const query = new URLSearchParams({ after: board.dataset.seq });
if (board.dataset.hall) query.set('hall', board.dataset.hall);
listen(query, {
  calls: show,
  centre(centre) {
    // Served before the centre was known: build the page again, now with its name and hall.
    if (centre.ready && !wasReady) { wasReady = true; location.reload(); return; }
    byId('simulated').hidden = !centre.opening.simulated;
    hero.querySelector('.open').hidden = !centre.opening.open;
    hero.querySelector('.closed').hidden = centre.opening.open;
    byId('opening').textContent = centre.opening.text;
  },
  stale(stale) { byId('stale').hidden = !stale; byId('notice').hidden = stale; },
});
