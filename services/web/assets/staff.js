// Calls for help and printers' alarms: live, answered once.
import { banner, forgetLink, listen, patch, post, toast } from './live.js';

forgetLink();
const age = document.getElementById('age');
let at = performance.now();

const told = (text, stale) => {
  if (age.textContent !== text) age.textContent = text;
  age.classList.toggle('stale', stale);
};
listen(document.getElementById('staff').dataset.live, {
  state(html) { patch(html); at = performance.now(); },
  up() { banner('line', null); told('Trực tiếp', false); },
  down() { banner('line', 'Mất kết nối với trung tâm. Danh sách có thể đã cũ; đang thử lại.', true); told('Mất kết nối', true); },
});

// How long somebody has been waiting goes on between two tellings.
const ago = (seconds) => (seconds < 60 ? `${seconds} giây` : `${Math.floor(seconds / 60)} phút`);
setInterval(() => {
  const passed = Math.floor((performance.now() - at) / 1000);
  for (const since of document.querySelectorAll('[data-seconds]')) {
    const seconds = Number(since.dataset.seconds) + passed;
    if (seconds < 3600 && since.textContent !== ago(seconds)) since.textContent = ago(seconds);
  }
}, 1000);

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-answer]');
  if (!button || button.hasAttribute('aria-busy')) return;
  button.setAttribute('aria-busy', 'true');
  const { alarm } = button.closest('[data-alarm]').dataset;
  try {
    const waiting = (is) => banner('act', is ? 'Mất kết nối. Đang gửi lại…' : null, true);
    const answer = await post(`/staff/alarms/${encodeURIComponent(alarm)}/${button.dataset.answer}`, {}, waiting);
    toast(answer.open ? `Người đến: ${answer.by}.` : 'Đã đóng.');
  } catch (problem) {
    toast(problem.message, true);
    if (problem.status === 401) location.reload();
  }
  button.removeAttribute('aria-busy');
});
