import { listen, patch, post, requestId } from './live.js';

const sheet = document.querySelector('[data-live]');
const offline = document.getElementById('offline');
const button = document.getElementById('alert');
const ticket = () => document.querySelector('[data-slot="ticket"]').dataset;
const near = ({ state, ahead }) => state === 'waiting' && Number(ahead) <= 3;
let before = { ...ticket() };
let sound = null;
offline.querySelector('[data-copy]').textContent = before.time;

// A browser lets a page vibrate and sound only after a tap: hence a button, and no promise before it.
button.hidden = before.state !== 'waiting';
button.addEventListener('click', () => {
  sound ??= new AudioContext();
  sound.resume();
  button.setAttribute('aria-pressed', 'true');
  button.querySelector('span').textContent = 'Sẽ rung và kêu. Xin để mở trang này.';
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

function show(html) {
  patch(html);
  const now = { ...ticket() };
  offline.querySelector('[data-copy]').textContent = now.time;
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
      const answer = await post(`${sheet.dataset.own}/${dialog.dataset.ownAct}`, { request_id: dialog.request }, (waiting) => {
        say(dialog, waiting ? 'Mất mạng, chưa ghi được. Đang thử lại; xin để mở trang này.' : '');
      });
      show(answer.html);
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
  down: () => { offline.hidden = false; },
  up: () => { offline.hidden = true; },
  quiet: 20_000,
});
