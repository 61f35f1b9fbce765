import { listen, patch } from './live.js';

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

listen(sheet.dataset.live, {
  state: (html) => {
    patch(html);
    const now = { ...ticket() };
    offline.querySelector('[data-copy]').textContent = now.time;
    if (now.state === 'called' && before.state !== 'called') tell(4);
    else if (near(now) && !near(before)) tell(2);
    before = now;
  },
  down: () => { offline.hidden = false; },
  up: () => { offline.hidden = true; },
  quiet: 20_000,
});
