// The counter's acts, by key and by button; the page lives for days on one event stream.
import { Claim } from './claim.js';
import { count } from './countdown.js';
import { ask, asking, openSheet, wire } from './dialogs.js';
import { banner, forgetLink, listen, patch, post, requestId, tell, toast } from './live.js';

forgetLink();
const $ = (id) => document.getElementById(id);
const { base, counter } = $('console').dataset;
const main = $('main-action');
const drawer = $('drawer');
const slot = (name) => document.querySelector(`[data-slot="${name}"]`);
const current = () => slot('current').dataset;
let busy = false;
let missed = null;

// Who works the counter: this page ("mine"), another one ("lost"), nobody ("free"), or not yet known ("none").
const HERE_MS = 30_000;
let holds = 'none';
let worked = false;
let taking = false;
const claim = new Claim(counter, () => { worked = false; claimed = take(false); });
let claimed = take(false);
const watches = () => holds === 'lost' || holds === 'free';

async function take(takeOver) {
  taking = true;
  try {
    const answer = await send('claim', { take_over: takeOver });
    taking = false;
    show(answer.html);
  } catch (problem) {
    taking = false;
    refused(problem);
  }
}

function owner() {
  const { session, status } = slot('counter').dataset;
  const before = holds;
  if (session === claim.session) holds = 'mine';
  else if (session) holds = 'lost';
  else holds = taking || status === 'closed' ? 'none' : 'free';
  // A new day has no session yet, nor has a closed counter that opened: who worked it last works on.
  if (holds === 'free' && worked) {
    holds = 'none';
    claimed = take(false);
  }
  if (holds === 'mine') worked = true;
  else if (holds === 'lost') worked = false;
  if (holds === 'mine' && before !== 'mine') here();
  $('lost').hidden = !watches();
  $('strip').hidden = watches();
  $('console').dataset.claim = holds;
}

// Whoever is not heard for long can be followed without asking.
async function here() {
  if (holds !== 'mine') return;
  const answer = await tell(`${base}/here`, { session: claim.session });
  if (answer?.held === false) refresh();
}
setInterval(here, HERE_MS);

// A page that is closed leaves its counter; one that is loaded again takes it again.
addEventListener('pagehide', () => {
  if (holds === 'mine') tell(`${base}/leave`, { session: claim.session, request_id: requestId() });
});
addEventListener('pageshow', (event) => { if (event.persisted && worked) claimed = take(false); });

function show(html) {
  const before = current().ticket ?? '';
  patch(html);
  owner();
  count();
  const now = current();
  document.title = `${now.number ? `${now.number} · ` : ''}${document.title.replace(/^.* · (?=Quầy )/, '')}`;
  if ((now.ticket ?? '') !== before) {
    document.dispatchEvent(new CustomEvent('ticket', { detail: { id: now.ticket, number: now.number, procedure: now.procedure } }));
  }
}

function send(name, body) {
  return post(`${base}/${name}`, { session: claim.session, ...body }, (waiting) => {
    banner('act', waiting ? 'Mất kết nối. Thao tác chưa được ghi, đang thử lại.' : null, true);
  });
}

function refused(problem) {
  if (problem.status === 401) location.reload();
  else if (problem.reason === 'COUNTER_TAKEN') refresh();
  else {
    toast(problem.message, true);
    refresh();
  }
}

async function act(name, more = {}) {
  if (busy) return;
  busy = true;
  main.setAttribute('aria-busy', 'true');
  // Who is first as this page shows it: if somebody else was faster, the answer says who.
  const expected = slot('queue').dataset.first ?? '';
  try {
    await claimed;
    if (watches()) {
      toast('Màn hình này chưa nhận quầy. Thao tác này chưa được ghi.', true);
      return;
    }
    const answer = await send(name, { ticket_id: current().ticket, expected, ...more });
    show(answer.html || missed || '');
    if (answer.message) toast(answer.message);
  } catch (problem) {
    refused(problem);
  } finally {
    busy = false;
    missed = null;
    main.removeAttribute('aria-busy');
  }
}

async function refresh() {
  const answer = await fetch(`${base}/state`, { headers: { 'x-motcua': '1' } }).catch(() => null);
  if (answer?.status === 401) location.reload();
  else if (answer?.ok) show(await answer.text());
}

const about = () => ({ ticket: current().ticket, number: current().number });
const of = (button) => (button.dataset.ticket ? { ticket_id: button.dataset.ticket } : {});
const acts = {
  call: () => act('call', { finish_current: false }),
  next: () => act('call', { finish_current: true }),
  transfer: () => ask('transfer', about()),
  hold: () => ask('hold', about()),
  pause: () => ask('pause'),
  menu: () => ask('settings'),
  leave: () => {
    worked = false;
    return act('leave');
  },
};

function press(button) {
  if (!button || button.disabled || button.hidden || watches() || busy) return;
  const { act: name } = button.dataset;
  button.closest('dialog')?.close();
  if (acts[name]) acts[name]();
  else act(name, of(button));
}

// The key's own repeat clicks a focused button again and again: only the first click of a press counts.
document.addEventListener('keydown', (event) => {
  if (event.repeat && (event.key === 'Enter' || event.key === ' ') && event.target.closest('[data-act], [data-sheet]')) event.preventDefault();
});
document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-act]');
  if (button) press(button);
  const sheet = target.closest('[data-sheet]');
  if (sheet) openSheet(base, sheet.dataset.sheet);
});

const keys = { F2: 'main', F4: 'recall', F6: 'undo', F7: 'hold', F8: 'absent', F9: 'transfer', F10: 'pause' };
addEventListener('keydown', (event) => {
  if ((!keys[event.key] && event.key !== 'F3') || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.shiftKey && event.key !== 'F2') return;
  event.preventDefault();
  if (event.repeat || event.isComposing || event.keyCode === 229 || asking()) return;
  if (event.key === 'F3') toggleDrawer(drawer.hidden);
  else if (event.shiftKey) {
    if (current().ticket && !watches()) act('finish');
  } else press(slot(keys[event.key]));
});

function toggleDrawer(open) {
  drawer.hidden = !open;
  (open ? drawer.querySelector('[data-sheet]') ?? $('drawer-close') : $('queue')).focus();
}
$('queue').addEventListener('click', () => toggleDrawer(drawer.hidden));
$('drawer-close').addEventListener('click', () => toggleDrawer(false));
drawer.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  event.stopPropagation();
  toggleDrawer(false);
});

// Whoever begins the dossier has the citizen before them.
const begun = new Set();
document.addEventListener('begun', ({ detail }) => {
  const { ticket, state } = current();
  if (busy || watches() || detail !== ticket || state !== 'called' || begun.has(ticket)) return;
  begun.add(ticket);
  act('arrive', { ticket_id: ticket });
});

$('find-number').addEventListener('submit', (event) => {
  event.preventDefault();
  const number = event.target.elements.number.value.replaceAll(/\s/g, '').toUpperCase();
  if (number) openSheet(base, number);
});

$('take-over').addEventListener('click', () => { claimed = take(true); });
wire(act);
listen(`${base}/events`, {
  state: (html) => { if (busy) missed = html; else show(html); },
  down: () => {
    banner('line', 'Mất kết nối với Trung tâm. Số trên màn hình có thể đã cũ; đang nối lại.');
    refresh();
  },
  up: () => banner('line', null),
});
