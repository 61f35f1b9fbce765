// The catalogue's pages: rows of the editor, forms sent once, a file on its way into the draft.
import { forgetLink, requestId } from './live.js';
import { tell, wire } from './forms.js';

forgetLink();
let typed = false;
for (const form of document.querySelectorAll('form[data-post]')) wire(form, () => { typed = false; });

/** A new row at the end of a list, numbered after every row that was ever there. */
function add(list) {
  const rows = list.querySelector('.rows');
  list.dataset.next = String(Math.max(Number(list.dataset.next ?? 0), rows.children.length));
  const html = list.querySelector('template').innerHTML.replaceAll('[#]', `[${list.dataset.next}]`);
  list.dataset.next = String(Number(list.dataset.next) + 1);
  rows.insertAdjacentHTML('beforeend', html);
  rows.lastElementChild.querySelector('input').focus();
}

document.addEventListener('click', ({ target }) => {
  const list = target.closest('[data-list]');
  if (target.closest('[data-add]')) add(list);
  if (!target.closest('[data-remove]')) return;
  const row = target.closest('.row');
  const near = row.nextElementSibling ?? row.previousElementSibling;
  list.dataset.next = String(Math.max(Number(list.dataset.next ?? 0), list.querySelectorAll('.row').length));
  row.remove();
  (near?.querySelector('[data-remove]') ?? list.querySelector('[data-add]')).focus();
});

// What was typed is not left without a question.
const editor = document.getElementById('procedure');
editor?.addEventListener('input', () => { typed = true; });
editor?.addEventListener('click', ({ target }) => { if (target.closest('[data-add], [data-remove]')) typed = true; });
addEventListener('beforeunload', (event) => { if (typed) event.preventDefault(); });

/** Bad cells of a file, as a list. */
function cells(report, message, fields) {
  const box = Object.assign(document.createElement('section'), { className: 'cells' });
  const list = document.createElement('ul');
  for (const field of fields) list.append(Object.assign(document.createElement('li'), { textContent: field.message }));
  box.append(Object.assign(document.createElement('p'), { textContent: message }), list);
  report.replaceChildren(box);
}

const upload = document.getElementById('upload');
// A try whose answer was lost is the same request: the file and what is asked of it keep their id.
let tried = { what: null, id: null };
upload?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const report = document.getElementById('report');
  const button = event.submitter;
  const file = upload.elements.namedItem('file').files[0];
  if (upload.querySelector('[aria-busy]')) return;
  if (!file) { tell(upload, [{ field: 'file', message: 'Chọn tệp danh mục.' }], ''); return; }
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(upload, button)) if (name !== 'file' && value) query.set(name, value);
  const what = [query, file.name, file.size, file.lastModified].join(' ');
  if (tried.what !== what) tried = { what, id: requestId() };
  button.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(`${upload.dataset.file}?${query}`, {
      method: 'POST',
      headers: { 'x-motcua': '1', 'x-request-id': tried.id },
      body: file,
    });
    const said = await answer.json().catch(() => ({}));
    // Only what may not have been heard is asked again under its id.
    if (answer.status < 500) tried = { what: null, id: null };
    if (answer.status === 401) location.reload();
    if (answer.ok) {
      tell(upload, [], '');
      report.innerHTML = said.html;
      if (!query.has('check')) upload.hidden = true;
    } else if (said.reason === 'CATALOGUE_INVALID') {
      tell(upload, [], '');
      cells(report, said.message, said.fields);
    } else {
      report.replaceChildren();
      tell(upload, said.fields ?? [], said.message ?? 'Chưa gửi được tệp. Xin thử lại.');
    }
  } catch {
    tell(upload, [], 'Mất kết nối, chưa gửi được tệp. Tệp vẫn được chọn; xin thử lại.');
  }
  button.removeAttribute('aria-busy');
});
