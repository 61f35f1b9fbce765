import { listen, patch } from './live.js';

const sheet = document.querySelector('[data-live]');
const offline = document.getElementById('offline');
const ticket = () => document.querySelector('[data-slot="ticket"]');
let state = ticket().dataset.state;
offline.querySelector('[data-copy]').textContent = ticket().dataset.time;

listen(sheet.dataset.live, {
  state: (html) => {
    patch(html);
    offline.querySelector('[data-copy]').textContent = ticket().dataset.time;
    const now = ticket().dataset.state;
    if (now === 'called' && state !== 'called') navigator.vibrate?.([400, 200, 400, 200, 400]);
    state = now;
  },
  down: () => { offline.hidden = false; },
  up: () => { offline.hidden = true; },
  quiet: 20_000,
});
