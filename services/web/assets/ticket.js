import { listen, patch, post, requestId } from './live.js';

const sheet = document.querySelector('[data-live]');
const offline = document.getElementById('offline');
const button = document.getElementById('alert');
const ticket = () => document.querySelector('[data-slot="ticket"]').dataset;
const near = ({ state, ahead }) => state === 'waiting' && Number(ahead) <= 3;
let before = { ...ticket() };
let sound = null;
let heard = false;
offline.querySelector('[data-copy]').textContent = before.time;

// The page and its last state are kept on this phone, so that it opens without a network. Only on safe origins.
const LAST = `${location.pathname}/last?lang=${sheet.dataset.lang}`;
const kept = globalThis.caches && 'serviceWorker' in navigator ? caches.open('ticket-1') : Promise.reject(new Error('no cache'));
kept.then(async (cache) => {
  await navigator.serviceWorker.register('/t/worker.js', { scope: '/t/' });
  // This page was loaded before its worker: it is kept by hand, with everything it took.
  const loaded = performance.getEntriesByType('resource').map((entry) => new URL(entry.name));
  const assets = loaded.filter((url) => url.origin === location.origin && url.pathname.startsWith('/assets/'));
  for (const path of [location.pathname + location.search, ...assets.map((url) => url.pathname)]) {
    if (!(await cache.match(path))) await cache.add(path);
  }
  document.documentElement.dataset.kept = '';
}).catch(() => null);

async function keep(html) {
  const cache = await kept;
  await cache.put(LAST, new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8', date: new Date().toUTCString() } }));
}

// A page that opened without a network shows what it heard last, which may be younger than itself.
async function recall() {
  const last = await (await kept).match(LAST);
  if (last && !heard) paint(await last.text());
}

// A browser lets a page vibrate and sound only after a tap: hence a button, and no promise before it.
button.hidden = before.state !== 'waiting';
button.addEventListener('click', () => {
  sound ??= new AudioContext();
  sound.resume();
  button.setAttribute('aria-pressed', 'true');
  button.querySelector('span').textContent = button.dataset.on;
  navigator.vibrate?.(80);
  awake();
});

// A phone that sleeps cannot tell anybody anything.
async function awake() {
  if (sound && !document.hidden) await navigator.wakeLock?.request('screen').catch(() => null);
}
document.addEventListener('visibilitychange', awake);

function tell(times) {
  navigator.vibrate?.(Array(times).fill([400, 200]).flat());
  if (!sound) return;
  for (let i = 0; i < times; i += 1) {
    const tone = sound.createOscillator();
    const level = sound.createGain();
    const at = sound.currentTime + i * 0.6;
    level.gain.setValueAtTime(0.25, at);
    level.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
    tone.frequency.value = 880;
    tone.connect(level).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.5);
  }
}

function paint(html) {
  patch(html);
  const now = { ...ticket() };
  offline.querySelector('[data-copy]').textContent = now.time;
  return now;
}

function show(html) {
  heard = true;
  keep(html).catch(() => null);
  const now = paint(html);
  if (now.state === 'called' && before.state !== 'called') {
    document.querySelector('dialog[open]')?.close();
    tell(4);
  } else if (near(now) && !near(before)) tell(2);
  before = now;
}

// Moving the number back or giving it back: asked twice, sent once.
document.addEventListener('click', ({ target }) => {
  const asked = target.closest('[data-confirm]');
  if (!asked) return;
  const dialog = document.getElementById(`confirm-${asked.dataset.confirm}`);
  dialog.request = requestId();
  say(dialog, '');
  dialog.showModal();
});

function say(dialog, text) {
  const line = dialog.querySelector('.problem');
  line.hidden = !text;
  line.textContent = text;
}

for (const dialog of document.querySelectorAll('dialog.confirm')) {
  const yes = dialog.querySelector('[data-yes]');
  dialog.querySelector('[data-no]').addEventListener('click', () => dialog.close());
  yes.addEventListener('click', async () => {
    if (yes.getAttribute('aria-busy')) return;
    yes.setAttribute('aria-busy', 'true');
    try {
      const answer = await post(`${sheet.dataset.own}/${dialog.dataset.ownAct}?lang=${sheet.dataset.lang}`, { request_id: dialog.request }, (waiting) => {
        say(dialog, waiting ? dialog.dataset.waiting : '');
      });
      if (answer.html) show(answer.html);
      dialog.close();
    } catch (problem) {
      say(dialog, problem.message);
    } finally {
      yes.removeAttribute('aria-busy');
    }
  });
}

listen(sheet.dataset.live, {
  state: show,
  down: () => { offline.hidden = false; if (!heard) recall().catch(() => null); },
  up: () => { offline.hidden = true; },
  quiet: 20_000,
});
