import { byId } from './live.js';
import { say } from './lang.js';

const QUIET_MS = 45_000, WARNING_S = 20;

// `away()` says that there is nothing to reset; `reset()` goes home and restores language and size. Whoever closes the
// question answers it; the answer of this function says that somebody is here.
export function idle(away, reset) {
  const dialog = byId('idle');
  let last = performance.now(), left = 0, timer;
  const touched = () => { last = performance.now(); };
  const over = () => { clearInterval(timer); timer = undefined; touched(); };
  const close = () => { over(); dialog.close(); };
  const home = () => { close(); reset(); };
  for (const kind of ['pointerdown', 'keydown', 'input']) document.addEventListener(kind, touched, true);
  byId('idle-more').addEventListener('click', close);
  byId('idle-start').addEventListener('click', home);
  dialog.addEventListener('close', over);
  setInterval(() => {
    if (timer !== undefined) return;
    if (away()) { touched(); return; }
    if (performance.now() - last < QUIET_MS) return;
    left = WARNING_S;
    const tick = () => { if (left <= 0) home(); else byId('idle-text').textContent = say('idle.text', { n: left }); left -= 1; };
    dialog.showModal();
    byId('idle-more').focus();
    timer = setInterval(tick, 1000);
    tick();
  }, 500);
  return touched;
}
