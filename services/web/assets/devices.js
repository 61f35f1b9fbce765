// The list of devices looks again by itself; every form is sent once and says beside each input what is wrong with it.
import { banner, forgetLink, get, patch, post, requestId, toast } from './live.js';

forgetLink();
const list = document.getElementById('devices');
if (list) {
  const age = document.getElementById('age');
  let last = performance.now();
  const refresh = async () => {
    try {
      patch(await get(list.dataset.live, { signal: AbortSignal.timeout(8000) }));
      last = performance.now();
      banner('line', null);
    } catch (problem) {
      if (problem.status === 401) location.reload();
      else banner('line', 'Mất kết nối với trung tâm. Danh sách bên dưới đã cũ; đang thử lại.');
    }
    setTimeout(refresh, 3000);
  };
  setTimeout(refresh, 3000);
  setInterval(() => {
    const seconds = Math.round((performance.now() - last) / 1000);
    const text = `cập nhật ${seconds} giây trước`;
    if (age.textContent !== text) age.textContent = text;
    age.classList.toggle('stale', seconds > 12);
  }, 1000);
}

function tell(form, fields, message) {
  const wrong = new Map(fields.map(({ field, message: text }) => [field, text]));
  for (const place of form.querySelectorAll('[data-problem]')) {
    const name = place.dataset.problem;
    const text = wrong.get(name) ?? (name === '' && wrong.size === 0 ? message : undefined);
    const hint = place.querySelector('.hint');
    if (hint) hint.hidden = text !== undefined;
    place.querySelector('.why')?.remove();
    if (text) place.append(Object.assign(document.createElement('span'), { className: 'why', textContent: text }));
    const input = name && form.elements.namedItem(name);
    if (input && text) input.setAttribute('aria-invalid', 'true');
    else if (input) input.removeAttribute('aria-invalid');
  }
  form.querySelector('[aria-invalid="true"]')?.focus();
}

for (const form of document.querySelectorAll('form[data-post]')) {
  // The same content keeps its id: a lost answer is not a second act.
  let sent = { text: null, id: null };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button[type="submit"]');
    if (button.hasAttribute('aria-busy')) return;
    if (form.dataset.ask && !confirm(form.dataset.ask)) return;
    const body = Object.fromEntries(new FormData(form));
    if (body.etag !== undefined) body.etag = Number(body.etag);
    const text = JSON.stringify(body);
    if (sent.text !== text) sent = { text, id: requestId() };
    button.setAttribute('aria-busy', 'true');
    try {
      const answer = await post(form.dataset.post, { ...body, request_id: sent.id }, (is) => banner('act', is ? 'Mất kết nối. Đang gửi lại…' : null, true));
      sent = { text: null, id: null };
      tell(form, [], '');
      if (answer.etag !== undefined) form.elements.namedItem('etag').value = answer.etag;
      if (form.dataset.reload !== undefined) location.reload();
      if (form.dataset.go) location.assign(form.dataset.go);
      if (form.dataset.keep === undefined) form.reset();
      toast(form.dataset.done ?? 'Đã xong.');
    } catch (problem) {
      if (problem.status === 401) location.reload();
      // The next try is another one: what was refused must not be remembered as done.
      sent = { text: null, id: null };
      tell(form, problem.fields, problem.message);
    }
    button.removeAttribute('aria-busy');
  });
}
