// A board of one to four halls: its elements are in the page from the start and only filled here, so that weeks of calls
// leave no more behind than the first one. For Chromium 69, as wall.js.
import { byId, listen, mark, paint, text } from './wall.js';
import { voice } from './voice.js';

const FLASH_MS = 3000;
const NOTICE_MS = 8000;
const wall = byId('wall'), notice = byId('notice'), staff = byId('staff');
// Numbers that flash, and until when.
const flashing = new Map();
const words = wall.dataset.words.split(',');
// Elements that get their class when all are filled.
const anew = [];
let notices = [notice.dataset.standing], turn = 0;

function number(element, call) {
  const letter = element.querySelector('.letter');
  text(letter, call ? call.letter : '');
  text(element.querySelector('.digits'), call ? call.digits : '');
  paint(letter, call ? call.colour : '');
}

// Switches three times at 1 Hz; one that flashes already goes on where it was, one that is called again starts again.
function flash(element, ticket) {
  const until = flashing.get(ticket), now = performance.now();
  const flashes = until !== undefined && until > now;
  if (!flashes) { element.classList.remove('flash'); return; }
  element.style.setProperty('--since', `${Math.round(until - now - FLASH_MS)}ms`);
  if (element.flashUntil !== until) {
    element.flashUntil = until;
    element.classList.remove('flash');
  }
  anew.push(element);
}

function begin() {
  // A style that is asked for is computed: what lost its class begins anew when it gets it back.
  if (anew.some((element) => !element.classList.contains('flash'))) void wall.offsetWidth;
  anew.splice(0).forEach((element) => element.classList.add('flash'));
}

function settle() {
  const now = performance.now();
  flashing.forEach((until, ticket) => { if (until <= now) flashing.delete(ticket); });
  wall.querySelectorAll('.flash').forEach((element) => flash(element, element.dataset.ticket));
  begin();
}

function fill(element, call) {
  number(element.querySelector('.number'), call);
  // Sent on to another area: where to stands in place of the counter.
  const to = call && call.to;
  text(element.querySelector('.word'), words[to ? 1 : 0]);
  text(element.querySelector('.n'), to || (call ? call.counter : ''));
  mark(element, 'data-ticket', call ? call.number : null);
  mark(element, 'data-counter', call && !to ? call.counter : null);
  mark(element, 'data-area', to);
  if (call) flash(element, call.number); else element.classList.remove('flash');
}

function show(state) {
  const hall = Array.from(wall.querySelectorAll('.hall')).find((one) => one.dataset.hall === state.hall);
  if (!hall) return;
  const until = performance.now() + FLASH_MS;
  state.flash.forEach((ticket) => flashing.set(ticket, until));
  const hero = hall.querySelector('.hero');
  hero.querySelector('.call').hidden = !state.hero;
  hero.querySelector('.none').hidden = !!state.hero;
  mark(hero, 'data-digits', state.hero ? state.hero.digits.length : null);
  mark(hero, 'data-places', state.hero ? String(state.hero.counter).length : null);
  fill(hero, state.hero);
  hall.querySelectorAll('.rows li').forEach((line, n) => {
    const call = state.rows[n] || null;
    line.classList.toggle('empty', !call);
    line.classList.toggle('finished', !!call && call.finished);
    fill(line, call);
  });
  begin();
  if (state.flash.length > 0) setTimeout(settle, FLASH_MS + 20);
}

function around(state) {
  byId('simulated').hidden = !state.simulated;
  wall.querySelectorAll('.none .open').forEach((one) => { one.hidden = !state.open; });
  wall.querySelectorAll('.none .closed').forEach((one) => { one.hidden = state.open; });
  wall.querySelectorAll('.opening').forEach((one) => text(one, state.opening));
  notices = (state.open ? [] : [state.opening]).concat(state.notices, [notice.dataset.standing]);
  if (notices.indexOf(notice.textContent) < 0) { turn = 0; text(notice, notices[0]); }
  staff.hidden = state.staff.length === 0;
  text(staff, state.staff.join(' '));
}

const query = new URLSearchParams({ wall: '', after: wall.dataset.seq });
if (wall.dataset.halls) query.set('hall', wall.dataset.halls);
const handlers = { calls: show, wall: around };
// One screen of a hall speaks; another one beside it is opened with ?sound=off.
if (new URLSearchParams(location.search).get('sound') !== 'off') handlers.say = voice(byId('blocked'));
listen(query, handlers);
setInterval(() => { turn = (turn + 1) % notices.length; text(notice, notices[turn]); }, NOTICE_MS);
