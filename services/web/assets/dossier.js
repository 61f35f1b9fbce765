// One dossier: a button asks its question, the answer is sent once, and somebody else's move is told without losing a word.
import { banner, forgetLink, get, patch, post, requestId, toast } from './live.js';

forgetLink();
const page = document.getElementById('dossier');
const { base } = page.dataset;
const main = () => document.querySelector('[data-slot="dossier"]');

async function refresh() {
  try {
    patch(await get(`${base}/state`));
    banner('line', null);
  } catch (problem) {
    banner('line', problem.reason ? problem.message : 'Mất kết nối. Trang có thể đã cũ.', true);
  }
}

page.addEventListener('click', ({ target }) => {
  const asked = target.closest('[data-move]');
  if (asked) open(asked.dataset.move);
  if (target.closest('[data-close]')) target.closest('dialog').close();
  if (target.closest('[data-drop]')) drop(target.closest('[data-paper]'));
  if (target.closest('[data-add]')) add(target.closest('form')).querySelector('input').focus();
});

function open(move) {
  const dialog = document.getElementById(`move-${move}`);
  const form = dialog.querySelector('form');
  // What the person looks at while deciding, not what the page knows when they are done.
  form.dataset.etag = main().dataset.etag;
  complain(form, {});
  dialog.showModal();
  (dialog.querySelector('input, select, textarea') ?? dialog.querySelector('[type="submit"]')).focus();
}

function add(form) {
  const row = document.getElementById('paper-row').content.firstElementChild.cloneNode(true);
  form.querySelector('.rows').append(row);
  return row;
}

function drop(row) {
  const rows = row.parentElement;
  if (rows.children.length > 1) { row.remove(); rows.lastElementChild.querySelector('input').focus(); }
  else row.querySelector('[name="paper"]').value = '';
}

/** Shows what is wrong at its field; what has no field goes to the end. */
function complain(form, { message = '', fields = [] }) {
  for (const line of form.querySelectorAll('[data-problem]')) {
    const { problem } = line.dataset;
    const own = fields.find(({ field }) => field === problem);
    const text = own ? own.message : problem === '' && !fields.some(({ field }) => form.querySelector(`[data-problem="${CSS.escape(field)}"]`)) ? message : '';
    line.hidden = !text;
    line.textContent = text;
    const input = problem && form.querySelector(`[name="${CSS.escape(problem)}"]`);
    if (input) input.setAttribute('aria-invalid', String(Boolean(text)));
  }
  form.querySelector('[aria-invalid="true"]')?.focus();
}

function filled(form) {
  const body = Object.fromEntries([...form.elements].filter(({ name }) => name && !['paper', 'originals', 'certified', 'copies'].includes(name)).map(({ name, value }) => [name, value.trim()]));
  const rows = [...form.querySelectorAll('[data-paper]')];
  if (!rows.length) return body;
  const count = (row, name) => Number.parseInt(row.querySelector(`[name="${name}"]`).value || '0', 10) || 0;
  const papers = rows.map((row) => ({ name: row.querySelector('[name="paper"]').value.trim(), originals: count(row, 'originals'), certified: count(row, 'certified'), copies: count(row, 'copies') }));
  return { ...body, papers: papers.filter(({ name }) => name) };
}

/** What the browser itself can see: required fields that are empty. */
function missing(form) {
  const fields = [...form.elements].filter((input) => input.required && !input.value.trim()).map(({ name }) => ({ field: name, message: 'Mời điền mục này.' }));
  return fields.length ? { fields } : null;
}

for (const form of document.querySelectorAll('form[data-act]')) {
  let sent;
  form.addEventListener('input', () => { sent = undefined; });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('[type="submit"]');
    if (button.hasAttribute('aria-busy')) return;
    const gap = missing(form);
    if (gap) { complain(form, gap); return; }
    complain(form, {});
    button.setAttribute('aria-busy', 'true');
    // The same question with the same answer is one act, however often it is pressed.
    sent ??= { request_id: requestId(), etag: form.dataset.etag };
    try {
      const answer = await post(`${base}/moves/${form.dataset.act}`, { ...filled(form), ...sent }, (waiting) => banner('act', waiting ? 'Mất kết nối. Việc này sẽ được gửi lại khi có mạng.' : null));
      form.closest('dialog').close();
      form.reset();
      form.querySelectorAll('[data-paper]').forEach((row, n) => { if (n) row.remove(); });
      toast(`${form.dataset.label}: ${answer.state_label}.`);
      await refresh();
      main().focus();
    } catch (problem) {
      if (problem.reason === 'ETAG_MISMATCH') {
        await refresh();
        // Told of the other's move: what is sent from now on is decided in its sight.
        form.dataset.etag = main().dataset.etag;
      }
      complain(form, problem);
    }
    sent = undefined;
    button.removeAttribute('aria-busy');
  });
}

// Who comes from a list to make one move finds its question open.
const wanted = location.hash.slice(1);
if (/^[a-z-]+$/.test(wanted) && page.querySelector(`[data-move="${wanted}"]`)) {
  history.replaceState(null, '', location.pathname);
  open(wanted);
}

// A page that was away for long is looked at again before anybody acts on it.
document.addEventListener('visibilitychange', () => { if (!document.hidden && !document.querySelector('dialog[open]')) refresh(); });
