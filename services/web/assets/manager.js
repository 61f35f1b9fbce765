import { banner, forgetLink, get, patch } from './live.js';

forgetLink();
const url = document.getElementById('manager').dataset.live;
const age = document.getElementById('age');
let last = performance.now();

async function refresh() {
  try {
    patch(await get(url, { signal: AbortSignal.timeout(8000) }));
    last = performance.now();
    banner('line', null);
  } catch (problem) {
    if (problem.status === 401) location.reload();
    else banner('line', 'Mất kết nối với trung tâm. Số liệu bên dưới đã cũ; đang thử lại.');
  }
  setTimeout(refresh, 5000);
}
setTimeout(refresh, 5000);

setInterval(() => {
  const seconds = Math.round((performance.now() - last) / 1000);
  const text = seconds < 60 ? `cập nhật ${seconds} giây trước` : `cập nhật ${Math.floor(seconds / 60)} phút trước`;
  if (age.textContent !== text) age.textContent = text;
  age.classList.toggle('stale', seconds > 15);
}, 1000);
