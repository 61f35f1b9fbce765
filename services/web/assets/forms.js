// Forms of staff's pages: sent once, and what is wrong is said beside each input.
import { banner, post, requestId, toast } from './live.js';

/** Says what is wrong beside each input; without a field, below the form. */
export function tell(form, fields, message, focus = true) {
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
  const first = form.querySelector('[aria-invalid="true"]');
  if (!focus) return;
  if (!first) {
    // What is wrong with a whole list has no input: it is shown all the same.
    form.querySelector('.why')?.scrollIntoView({ block: 'center' });
    return;
  }
  const folded = first.closest('details:not([open])');
  if (folded) folded.open = true;
  first.focus();
}

/** Sends a form[data-post] when it is submitted; `done(answer, form)` after it was taken. */
export function wire(form, done = () => {}) {
  // The same content keeps its id: a lost answer is not a second act.
  let sent = { text: null, id: null };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = event.submitter ?? form.querySelector('button[type="submit"]');
    if (form.querySelector('button[aria-busy]')) return;
    const question = button.dataset.ask ?? form.dataset.ask;
    if (question && !confirm(question)) return;
    const body = Object.fromEntries(new FormData(form, event.submitter));
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
      toast(answer.message ?? form.dataset.done ?? 'Đã xong.');
      done(answer, form);
    } catch (problem) {
      if (problem.status === 401) location.reload();
      // The next try is another one: what was refused must not be remembered as done.
      sent = { text: null, id: null };
      tell(form, problem.fields ?? [], problem.message);
    }
    button.removeAttribute('aria-busy');
  });
}
