// The touch page: home → task or search → confirm → number. Every number comes from one POST with its own key.
import { byId, fit, listen, paint } from './live.js';
import { language, load, minutes, say, use, waiting } from './lang.js';
import { drawConfirm, drawVisit, letter, wishFor, withAnother } from './confirm.js';
import { keypad } from './keypad.js';
import { idle } from './idle.js';
import { drawElsewhere } from './elsewhere.js';
import * as api from './api.js';
import { list } from './list.js';
import { scanner } from './scanner.js';
import { drawScan, errandRows } from './scan.js';
import { drawCalls } from './calls.js';
import * as identity from './identity.js';
import { NOTICE, WHY, printNote } from './paper.js';
import { openingWords, refusalWords } from './refusal.js';

const HOME_AFTER_S = 8, VAIN_MS = 2500;
const kiosk = byId('kiosk');
const screens = [...document.querySelectorAll('main > section')];
let centre = null;
// What the citizen is doing: cleared on the way home.
let trail = [], held = [], area = null, wish = null, priority = '', key = '', given = null, scan = null, refused = null, claim = '', proof = '', homeTimer, hall = [];
// A tap on a page that has not heard the centre yet: done as soon as it has.
let tapped = null;
// Set once the page is wired: takes marks off the keypad, says that somebody is here.
let noMarks = () => {}, here = () => {};

const at = () => screens.find((screen) => !screen.hidden).id;

function show(id, { keep = true } = {}) {
  clearInterval(homeTimer);
  if (keep && at() !== id) trail.push(at());
  for (const screen of screens) screen.hidden = screen.id !== id;
  byId('start').hidden = id === 'home' || id === 'done';
  if (id !== 'identity') identity.leave();
  const screen = byId(id);
  screen.scrollTop = 0;
  kiosk.dataset.at = id;
  draw();
}

const closeDialogs = () => document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());

function home() {
  clearInterval(homeTimer);
  trail = []; held = []; area = null; wish = null; priority = ''; key = ''; given = null; scan = null; claim = ''; proof = ''; tapped = null;
  byId('query').value = '';
  noMarks();
  found.clear(); tasks.clear();
  show('home', { keep: false });
  if (centre && kiosk.dataset.version !== version()) location.reload();
}

function reset() {
  closeDialogs();
  delete document.documentElement.dataset.big;
  byId('big').setAttribute('aria-pressed', 'false');
  use('vi');
  home();
}

function back() {
  const before = trail.pop();
  if (!before || before === 'home') home(); else show(before, { keep: false });
}

const version = () => [...centre.areas.map((area) => area.letter + area.id), ...centre.priorities.map((one) => one.id)].join(',');
// Cut off, and of this area no number is left to give.
const usedUp = (area) => centre?.reachable === false && !area.spare;
const areaOf = (id) => centre?.areas.find((area) => area.id === id);
// The guidance desk's own area: what it is for is no procedure.
const guides = () => area.procedures === 0 && area.id === centre.guidance_area_id;

// Fills what depends on figures and language on the screen that is shown.
function draw() {
  for (const element of document.querySelectorAll('[data-wait]')) {
    const known = areaOf(element.dataset.wait), lent = known && usedUp(known), full = typeof known?.again === 'string';
    element.closest('.tile')?.classList.toggle('out', !!lent || full);
    const words = lent ? [say('offline.area')] : full ? [say('quota.area'), ...(known.again ? [say('quota.again', { time: known.again })] : [])] : known ? waiting(known.waiting, known.wait) : [];
    element.replaceChildren(...words.map((part) => {
      const span = document.createElement('span');
      span.textContent = part;
      return span;
    }));
  }
  drawCalls(hall);
  if (centre) byId('opening').textContent = openingWords(centre.opening);
  const screen = at();
  if (screen === 'confirm') drawTask();
  if (screen === 'elsewhere') drawElsewhere(wish, ready());
  if (screen === 'identity') identity.drawIdentity();
  if (screen === 'done') drawDone();
  if (screen === 'scan') drawScan(scan);
  if (screen === 'tasks') drawTasks();
  if (screen === 'failed') byId('failed-why').textContent = refusalWords(refused, centre?.opening.zone);
  if (screen === 'search') found.draw();
}

// Search and task list
const open = async (code) => {
  try {
    const procedure = await api.procedure(code);
    const received = procedure.reception === 'received';
    wish = wishFor(received ? withAnother(held, procedure) : [procedure]);
    if (received) confirm(); else show('elsewhere');
  } catch (failure) { failed(failure); }
};
const found = list(byId('search'), byId('found'), byId('search-note'), open, {
  empty: () => say('search.empty'),
  start: () => say('search.start'),
  some: (n) => say('search.some', { n }),
}, (referral) => { wish = { referral }; show('elsewhere'); }, (words) => (held.length === 0 && words ? errandRows(centre, errand, words) : []));
const tasks = list(byId('tasks'), byId('task-list'), byId('tasks-note'), open, {
  empty: () => say('search.empty'),
  start: () => say('loading'),
  some: () => say('area.tasks'),
});

let typing, vain;
byId('query').addEventListener('input', () => {
  clearTimeout(typing);
  clearTimeout(vain);
  const q = byId('query').value.trim();
  typing = setTimeout(() => {
    byId('search-guidance').hidden = true;
    if (q === '') found.clear();
    else found.load({ q }).then((total) => {
      byId('search-guidance').hidden = total !== 0;
      // Nothing found and nothing typed since: the centre should know that somebody looked for it.
      if (total === 0) vain = setTimeout(() => { if (byId('query').value.trim() === q) api.missed(q).catch(() => {}); }, VAIN_MS);
    });
  }, 120);
});

function errand(ask) { scan = ask; show('scan'); }

function drawTasks() {
  byId('tasks-title').textContent = area.name;
  letter(byId('tasks').querySelector('.letter'), area);
  const any = byId('tasks-any').querySelector('[data-t]');
  any.dataset.t = guides() ? 'guidance.take' : 'area.any';
  any.textContent = say(any.dataset.t);
  if (!guides()) { tasks.draw(); return; }
  byId('tasks-note').textContent = say('scan.choose');
  byId('task-list').replaceChildren(...errandRows(centre, errand));
}

function chooseArea(id) {
  if (!centre) { tapped = () => chooseArea(id); return; }
  area = areaOf(id);
  if (!area) return;
  held = [];
  if (usedUp(area)) { wish = null; failed({ reason: 'OFFLINE_NO_NUMBER', message: say('offline.area.ask', { letter: area.letter }), metadata: {} }); return; }
  if (area.procedures === 0 && !guides()) { wish = { body: { area_id: id }, area }; confirm(); return; }
  tasks.clear();
  show('tasks');
  if (!guides()) tasks.load({ area: id });
}

function guidance() {
  if (!centre) { tapped = guidance; return; }
  if (!centre?.guidance_queue_id) return;
  held = [];
  wish = { body: { queue_id: centre.guidance_queue_id }, area: areaOf(centre.guidance_area_id) };
  confirm();
}

// Confirm
function confirm() {
  key = api.key();
  delete wish.sent;
  // What a card has spoken for stands until somebody says otherwise.
  priority = centre?.priorities.some((one) => one.id === claim) ? claim : '';
  show('confirm');
}

const leaveOut = (procedure) => {
  const rest = wish.procedures.filter(({ code }) => code !== procedure.code);
  held = rest.slice(0, -1);
  claim = priority;
  wish = wishFor(rest);
  confirm();
};

function drawTask() {
  const known = wish.area && (areaOf(wish.area.id) ?? wish.area);
  const claimed = centre?.priorities.find((one) => one.id === priority);
  drawConfirm({ wish, known, claimed, proof, centre, remove: leaveOut });
  busy(false);
}

function busy(is, sentence = 'taking') {
  byId('take').disabled = is;
  byId('scan-take').disabled = is;
  if (is) byId('scan-take-text').textContent = say(sentence);
  byId('take-text').textContent = say(is ? sentence : 'take');
}

async function take() {
  if (byId('take').disabled) return;
  busy(true);
  // Sent once more, it is the same request: a change of language in between does not make another number.
  wish.sent ??= { ...wish.body, priority_class: priority, identity_proof: proof, locale: language() };
  try {
    given = await api.take(wish.sent, key, () => busy(true, 'retrying'));
    trail = [];
    show('done', { keep: false });
    countdown();
  } catch (failure) { failed(failure); }
  busy(false);
}

// Scanner: one plain sentence and a way on
let scanning = false;
async function scanned(what) {
  if (scanning || byId('take').disabled) return;
  if (at() === 'identity') { identity.present(what, identified); return; }
  scanning = true;
  closeDialogs();
  here();
  try {
    const answer = await api.scan({ ...what, locale: language() });
    if (answer.given) {
      given = { ...answer.given, note: answer.text };
      trail = [];
      show('done', { keep: false });
      countdown();
    } else {
      scan = answer;
      claim = answer.priority ?? '';
      trail = ['home'];
      show('scan', { keep: false });
    }
  } catch (failure) { wish = null; failed(failure); }
  scanning = false;
}

// One proof is good for one number.
function identified(word) {
  proof = word;
  key = api.key();
  delete wish.sent;
  back();
}

function takeOffer() {
  if (byId('take').disabled) return;
  const { priority_class, words, ...body } = scan.offer;
  wish = { body: { ...body, priority_class } };
  key = api.key();
  priority = priority_class;
  take();
}

// Done
function drawDone() {
  const { ticket, area, estimate, print } = given;
  const { printed } = print;
  const digits = document.createElement('span'), mark = document.createElement('span');
  mark.className = 'letter'; letter(mark, area ?? { letter: ticket.letter, colour: '' }); mark.textContent = ticket.letter;
  digits.textContent = ticket.digits;
  byId('number').replaceChildren(mark, digits);
  byId('done-paper').textContent = printed ? say('done.paper') : '';
  byId('done-area').textContent = area ? say(printed ? 'done.wait' : 'slip.area', { letter: area.letter }) : '';
  byId('done-name').textContent = area ? `${say('area', { letter: area.letter })} · ${area.name}` : '';
  const ahead = !estimate ? '' : estimate.ahead === 0 ? say('done.first') : `${say('done.ahead', { n: estimate.ahead })} · ${minutes(estimate)}`;
  byId('done-wait').textContent = given.note === 'scan.appointment.late' ? say(given.note) : ahead;
  drawVisit(ticket);
  byId('done-bad').hidden = printed;
  const why = WHY[print.reason] ?? 'paper.fault';
  byId('done-why').textContent = printed ? '' : say(why, { n: ticket.number });
  byId('done-code').hidden = printed;
  byId('slot').hidden = !printed;
  if (!printed && byId('code').getAttribute('src') !== given.qr) byId('code').src = given.qr;
  byId('code').alt = say('qr');
  byId('reprint').hidden = printed || print.reason === 'PRINTER_NONE';
  if (!printed) byId('done-home').textContent = '';
}

// Paper in the hand: home by itself. Without paper the number stays until "Xong".
function countdown() {
  clearInterval(homeTimer);
  if (!given.print.printed) return;
  let left = HOME_AFTER_S;
  // Who calls for help is still here.
  const tick = () => { if (document.querySelector('dialog[open]')) return; if (left <= 0) reset(); else byId('done-home').textContent = say('done.home', { n: left }); left -= 1; };
  tick();
  homeTimer = setInterval(tick, 1000);
}

function drawPrinter(printer) {
  byId('paper').hidden = printer.ready;
  byId('near').hidden = !printer.near_end;
  const text = byId('paper').querySelector('[data-t]');
  text.dataset.t = NOTICE[printer.reason] ?? 'paper.notice';
  text.textContent = say(text.dataset.t);
  // A ticket that hung in the printer comes out by itself when somebody has brought paper.
  if (at() === 'done' && given && !given.print.printed && printer.ready) {
    const shown = given;
    api.ticket(given.ticket.id).then((now) => { if (given === shown && now.print.printed) { given = now; draw(); countdown(); } }).catch(() => {});
  }
}

// Failures
function failed(failure) {
  const unavailable = ['UNAVAILABLE', 'STORE_UNAVAILABLE'].includes(failure.reason) || failure.reason.startsWith('OFFLINE_');
  refused = failure;
  byId('failed-ask').hidden = failure.reason === 'HALL_CLOSED' || !failure.message;
  // Nothing to be had anywhere, or refused at the guidance desk itself.
  byId('failed-guidance').hidden = unavailable || !centre?.guidance_queue_id || failure.reason === 'HALL_CLOSED' || wish?.body?.queue_id === centre?.guidance_queue_id;
  // What is refused for a reason stays refused; what got no answer may be asked again with the same key.
  byId('retry').hidden = !wish || !(unavailable || failure.reason === 'INTERNAL');
  if (['PROCEDURE_AT_AGENCY', 'PROCEDURE_NOT_STARTED'].includes(failure.reason) && wish?.procedure) {
    const facts = failure.metadata;
    Object.assign(wish.procedure, { reception: failure.reason === 'PROCEDURE_NOT_STARTED' ? 'planned' : 'at_agency' });
    for (const name of ['agency_office', 'agency_hours', 'start_date']) if (facts[name]) wish.procedure[name] = facts[name];
    show('elsewhere');
    return;
  }
  show('failed', { keep: at() !== 'failed' });
}

// Wiring
fit(kiosk.dataset.mm);
document.querySelectorAll('[data-colour]').forEach((element) => paint(element, element.dataset.colour));
document.addEventListener('contextmenu', (event) => event.preventDefault());
document.querySelectorAll('[data-area]').forEach((tile) => tile.addEventListener('click', () => chooseArea(tile.dataset.area)));
document.querySelectorAll('[data-back]').forEach((button) => button.addEventListener('click', back));
document.querySelectorAll('[data-guidance]').forEach((button) => button.addEventListener('click', guidance));
document.querySelectorAll('[data-class]').forEach((choice) => choice.addEventListener('click', () => { priority = choice.dataset.class; key = api.key(); delete wish.sent; back(); }));
document.querySelectorAll('[data-lang]').forEach((button) => button.addEventListener('click', () => { use(button.dataset.lang); draw(); }));
document.querySelector('[data-go="search"]').addEventListener('click', () => { show('search'); byId('query').focus(); });
byId('tasks-any').addEventListener('click', () => { if (guides()) { guidance(); return; } wish = { body: { area_id: area.id }, area }; confirm(); });
byId('priority-row').addEventListener('click', () => show('priority'));
byId('identity-row').addEventListener('click', () => { show('identity'); identity.begin(identified); });
byId('identity-again').addEventListener('click', () => identity.begin(identified));
byId('visit-add').addEventListener('click', () => { held = wish.procedures; claim = priority; byId('query').value = ''; found.clear(); show('search'); byId('query').focus(); });
byId('take').addEventListener('click', take);
byId('retry').addEventListener('click', () => { show('confirm', { keep: false }); trail = trail.filter((screen) => screen !== 'confirm'); take(); });
byId('finish').addEventListener('click', reset);
byId('again').addEventListener('click', home);
byId('start').addEventListener('click', home);
const ready = () => centre?.printer.ready;
byId('elsewhere-print').addEventListener('click', () => printNote(byId('elsewhere-print'), byId('elsewhere-printed'), ready,
  () => (wish.referral ? api.printWay(wish.referral.id, language()) : api.printPapers(wish.body, language()))));
byId('papers-print').addEventListener('click', () => printNote(byId('papers-print'), byId('papers-printed'), ready, () => api.printPapers(wish.body, language())));
byId('scan-take').addEventListener('click', takeOffer);
byId('scan-home').addEventListener('click', () => { const kept = claim; home(); claim = kept; });
byId('reprint').addEventListener('click', async () => {
  byId('reprint').disabled = true;
  try { given = await api.reprint(given.ticket.id); draw(); countdown(); } catch (failure) { byId('done-why').textContent = failure.message || say('error.ask'); }
  byId('reprint').disabled = false;
});
byId('big').addEventListener('click', () => {
  const big = document.documentElement.toggleAttribute('data-big');
  byId('big').setAttribute('aria-pressed', String(big));
});

await load();
noMarks = keypad(byId('keypad'), byId('query'), say);
// A number without paper stays until "Xong"; a question that nobody answers is no home.
here = idle(() => {
  const asked = !!document.querySelector('dialog[open]');
  if (at() === 'done') return !asked || !given.print.printed;
  return at() === 'home' && !asked && language() === 'vi' && !document.documentElement.hasAttribute('data-big');
}, reset);

scanner((text) => scanned({ text }));

let cut = false;
// Cut off from its own kiosk, or the kiosk from the centre: then numbers are still given, or not.
const banners = () => {
  const alone = !cut && centre?.reachable === false;
  byId('offline').hidden = !cut;
  byId('alone').hidden = !alone || !centre.offline.gives || !centre.opening.open;
  byId('alone-none').hidden = !alone || centre.offline.gives;
};
listen(new URLSearchParams(), {
  calls(state) { hall = [state.hero, ...state.rows].filter((call) => call && !call.finished).slice(0, 7); drawCalls(hall); },
  centre(now) {
    centre = now;
    byId('simulated').hidden = !now.opening.simulated;
    byId('closed').hidden = now.opening.open;
    byId('opening').textContent = openingWords(now.opening);
    drawPrinter(now.printer);
    banners();
    const first = tapped;
    tapped = null;
    first?.();
    if (at() === 'home') {
      if (now.ready && kiosk.dataset.version !== version()) { location.reload(); return; }
      draw();
    }
  },
  scan(id) { scanned({ id }); },
  stale(stale, silent) { cut = silent; banners(); },
});
