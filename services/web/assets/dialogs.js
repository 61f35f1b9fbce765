// The console's questions and the sheet of a ticket. A dialog takes its choices from the newest template when it opens.
import { get, toast } from './live.js';

const $ = (id) => document.getElementById(id);
const slot = (name) => document.querySelector(`[data-slot="${name}"]`);

/** Whether a dialog is open: then keys belong to it. */
export const asking = () => Boolean(document.querySelector('dialog[open]'));

/** Opens the question `name` about a number. */
export function ask(name, { ticket = '', number = '' } = {}) {
  const dialog = $(`${name}-dialog`);
  const form = dialog.querySelector('form');
  const from = form.querySelector('[data-from]');
  if (from) from.replaceChildren(slot(`${from.dataset.from}-choices`).content.cloneNode(true));
  form.reset();
  complain(form, '');
  form.dataset.ticket = ticket;
  form.querySelector('[data-number]').textContent = number;
  dialog.showModal();
  (form.querySelector('input:checked') ?? form.querySelector('input:enabled'))?.focus();
}

function complain(form, text) {
  const line = form.querySelector('.problem');
  line.hidden = !text;
  line.textContent = text;
}

// Each question's answer as the act's body; a text is a complaint.
const answers = {
  transfer(form) {
    const chosen = form.querySelector('[name="to"]:checked');
    if (!chosen) return 'Xin chọn hàng chờ hoặc quầy để chuyển đến.';
    const [kind, id] = chosen.value.split(/:(.*)/s);
    return ['transfer', { ticket_id: form.dataset.ticket, [kind === 'queue' ? 'to_queue_id' : 'to_counter_id']: id }];
  },
  hold: (form) => reason(form) ? ['hold', { ticket_id: form.dataset.ticket, reason: reason(form) }] : 'Xin ghi lý do giữ lại.',
  pause: (form) => reason(form) ? ['pause', { reason: reason(form) }] : 'Xin ghi lý do tạm dừng.',
  settings: (form) => ['settings', {
    languages: [...form.querySelectorAll('[name="language"]:checked')].map(({ value }) => value),
    auto_call: form.elements.auto_call.checked,
  }],
};

const reason = (form) => form.elements.reason.value || form.elements.own.value.trim();

/** Wires every dialog to `act(name, body)`. */
export function wire(act) {
  for (const form of document.querySelectorAll('form[data-ask]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const answer = answers[form.dataset.ask](form);
      if (typeof answer === 'string') {
        complain(form, answer);
        (form.elements.own ?? form.querySelector('input:enabled'))?.focus();
        return;
      }
      form.closest('dialog').close();
      act(...answer);
    });
    const own = form.elements.own;
    // Words of one's own choose the last row by being typed.
    own?.addEventListener('input', () => { form.querySelector('[name="reason"][value=""]').checked = true; });
    form.addEventListener('change', ({ target }) => { if (target.name === 'reason' && target.value === '') own.focus(); });
  }
  document.addEventListener('click', ({ target }) => {
    if (target.closest('[data-close]')) target.closest('dialog').close();
    if (target.closest('[data-print]')) print();
  });
  $('sheet').addEventListener('submit', (event) => {
    event.preventDefault();
    const form = event.target;
    $('sheet-dialog').close();
    act(form.dataset.do, { ticket_id: form.dataset.ticket, ...Object.fromEntries(new FormData(form)) });
  });
}

/** Opens the sheet of a ticket. */
export async function openSheet(base, ticket) {
  const dialog = $('sheet-dialog');
  if (asking()) return;
  let html;
  try {
    html = await get(`${base}/tickets/${encodeURIComponent(ticket)}`);
  } catch (problem) {
    toast(problem.reason ? problem.message : 'Mất kết nối. Chưa mở được số này, xin thử lại.', true);
    return;
  }
  if (asking()) return;
  $('sheet').innerHTML = html;
  dialog.showModal();
  (dialog.querySelector('.sheet-acts button:enabled, .sheet-acts summary') ?? dialog.querySelector('[data-close]')).focus();
}
