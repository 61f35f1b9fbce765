// A page that looks again by itself: its slots are patched, and it says how old they are.
import { banner, get, patch } from './live.js';

/** Asks `element.dataset.live` every `every` ms; `stale` ms without an answer are said. Returns "look again now". */
export function poll(element, { every = 5000, stale = 15_000, what = 'Số liệu bên dưới' } = {}) {
  const age = document.getElementById('age');
  let last = performance.now();
  let timer;
  const refresh = async () => {
    clearTimeout(timer);
    try {
      patch(await get(element.dataset.live, { signal: AbortSignal.timeout(8000) }));
      last = performance.now();
      banner('line', null);
    } catch (problem) {
      if (problem.status === 401) location.reload();
      else banner('line', `Mất kết nối với trung tâm. ${what} đã cũ; đang thử lại.`);
    }
    clearTimeout(timer);
    timer = setTimeout(refresh, every);
  };
  timer = setTimeout(refresh, every);
  setInterval(() => {
    const seconds = Math.round((performance.now() - last) / 1000);
    const text = seconds < 60 ? `cập nhật ${seconds} giây trước` : `cập nhật ${Math.floor(seconds / 60)} phút trước`;
    if (age.textContent !== text) age.textContent = text;
    age.classList.toggle('stale', seconds * 1000 > stale);
  }, 1000);
  return refresh;
}
