// The checklist: what was handed in, what does not apply, what is missing, and the scans of each paper.
import { $, make, say } from './dom.js';
import { Refused, requestId, toast } from './live.js';

const KINDS = [['originals', 'Bản chính'], ['certified_copies', 'Chứng thực'], ['copies', 'Bản sao']];
const FILE_BYTES_MAX = 10 * 1024 * 1024;
const list = $('papers');
const base = $('desk').dataset.base;
let uploads = 0;

const rows = () => [...list.querySelectorAll('.paper')];
const box = (row) => row.querySelector('[type="checkbox"]');
const waived = (row) => row.querySelector('.waive').getAttribute('aria-pressed') === 'true';
const count = (row, kind) => Number(row.querySelector(`[data-kind="${kind}"]`).value) || 0;
const counts = (row) => Object.fromEntries(KINDS.map(([kind]) => [kind, count(row, kind)]));
const received = (row) => box(row).checked && KINDS.some(([kind]) => count(row, kind) > 0);
const filesOf = (row) => [...row.querySelectorAll('.file')].map(({ dataset: { id, name, reused } }) => ({ id, name, reused: reused === 'true' }));

/** "2 bản chính, 1 bản sao". */
export const worded = (paper) => KINDS.filter(([kind]) => paper[kind] > 0).map(([kind, label]) => `${paper[kind]} ${label.toLowerCase()}`).join(', ');

/** Draws the papers of a procedure; null: none chosen. */
export function drawPapers(procedure) {
  list.replaceChildren(...(procedure?.components.length
    ? procedure.components.map(row)
    : [make('p', { className: 'empty', textContent: procedure ? 'Danh mục không nêu thành phần hồ sơ: kiểm tra theo quy định của thủ tục.' : 'Chưa chọn thủ tục.' })]));
  look();
}

function row(component) {
  const { ordinal, name } = component;
  const id = `paper-${ordinal}`;
  const number = ([kind, label]) => make('label', { className: 'count' }, label,
    make('input', { type: 'number', min: 0, max: 999, value: component[kind], name: `${kind}-${ordinal}`, 'data-kind': kind, 'aria-label': `${label}: ${name}` }));
  return make('div', { className: 'paper', 'data-ordinal': ordinal, 'data-name': name },
    make('input', { type: 'checkbox', id }),
    make('label', { htmlFor: id, className: 'name', textContent: name }),
    make('div', { className: 'details' },
      ...KINDS.map(number),
      make('button', { type: 'button', className: 'small-button waive', textContent: 'Không áp dụng', 'aria-pressed': 'false', 'aria-label': `Không áp dụng: ${name}` }),
      make('label', { className: 'small-button attach' }, 'Đính kèm tệp',
        make('input', { type: 'file', multiple: true, accept: '.pdf,.jpg,.jpeg,.png', 'aria-label': `Đính kèm tệp: ${name}` }))),
    make('ul', { className: 'files', 'aria-label': `Tệp của ${name}` }));
}

/** What is missing, by name; the line under the heading says it. */
function look() {
  const all = rows();
  for (const one of all) {
    one.classList.toggle('done', received(one));
    one.classList.toggle('waived', waived(one));
  }
  const left = missing();
  $('papers-count').textContent = all.length ? `đã nhận ${all.filter(received).length}/${all.length}` : '';
  const named = left.map((paper) => paper.name).join('; ');
  say($('missing'), all.length ? (left.length ? `Còn thiếu ${left.length}: ${named}` : 'Đủ thành phần hồ sơ.') : null);
  $('missing').classList.toggle('complete', !left.length);
}

/** Papers that are neither there nor waived. */
export function missing() {
  return rows().filter((one) => !received(one) && !waived(one)).map((one) => ({ name: one.dataset.name, ...counts(one) }));
}

/** All papers, with whether they are missing: for the slip that asks for them. */
export function listed() {
  return rows().map((one) => ({ name: one.dataset.name, missing: !received(one) && !waived(one), ...counts(one) }));
}

/** What goes with the dossier. */
export function papers() {
  const all = rows();
  const ordinal = (one) => Number(one.dataset.ordinal);
  return {
    components: all.filter((one) => box(one).checked).map((one) => ({ ordinal: ordinal(one), ...counts(one) })),
    not_applicable: all.filter(waived).map(ordinal),
    files: all.flatMap((one) => filesOf(one).map(({ id, reused }) => ({ id, ordinal: ordinal(one), reused }))),
  };
}

/** For the draft. */
export const papersState = () => rows().map((one) => ({
  ordinal: one.dataset.ordinal, checked: box(one).checked, waived: waived(one), files: filesOf(one), ...counts(one),
}));

export function restorePapers(state) {
  for (const saved of state ?? []) {
    const one = list.querySelector(`[data-ordinal="${CSS.escape(saved.ordinal)}"]`);
    if (!one) continue;
    box(one).checked = saved.checked;
    waive(one, saved.waived);
    for (const [kind] of KINDS) one.querySelector(`[data-kind="${kind}"]`).value = saved[kind];
    one.querySelector('.files').replaceChildren(...(saved.files ?? []).map(chip));
  }
  look();
}

/** True while a file is on its way. */
export const uploading = () => uploads > 0;

function waive(one, on) {
  one.querySelector('.waive').setAttribute('aria-pressed', String(on));
  if (on) box(one).checked = false;
}

list.addEventListener('click', ({ target }) => {
  const one = target.closest('.paper');
  if (target.matches('.waive')) waive(one, !waived(one));
  else if (target.matches('.remove')) {
    const next = one.querySelector('.attach input');
    target.closest('.file').remove();
    next.focus();
  } else if (target.matches('.reused')) {
    const file = target.closest('.file');
    file.dataset.reused = String(file.dataset.reused !== 'true');
    target.setAttribute('aria-pressed', file.dataset.reused);
  } else return;
  changed();
});
list.addEventListener('change', ({ target }) => {
  if (target.type === 'file') return attach(target);
  if (target.type === 'checkbox' && target.checked) waive(target.closest('.paper'), false);
  look();
});
list.addEventListener('input', ({ target }) => { if (target.type === 'number') look(); });

function changed() {
  look();
  list.dispatchEvent(new Event('input', { bubbles: true }));
}

function chip({ id, name, reused = false }) {
  return make('li', { className: 'file', 'data-id': id, 'data-name': name, 'data-reused': String(reused) },
    make('a', { href: `${base}/files/${id}`, target: '_blank', rel: 'noopener', textContent: name }),
    make('button', { type: 'button', className: 'small-button reused', textContent: 'Dùng lại', 'aria-pressed': String(reused), title: 'Lấy từ hồ sơ trước, không quét tại quầy', 'aria-label': `Dùng lại từ hồ sơ trước: ${name}` }),
    make('button', { type: 'button', className: 'small-button remove', textContent: 'Bỏ', 'aria-label': `Bỏ tệp ${name}` }));
}

async function attach(input) {
  const one = input.closest('.paper');
  const files = [...input.files];
  input.value = '';
  for (const file of files) {
    const line = make('li', { className: 'file waiting', textContent: `Đang gửi ${file.name}…` });
    one.querySelector('.files').append(line);
    uploads += 1;
    try {
      const kept = await send(file);
      line.replaceWith(chip(kept));
      box(one).checked = true;
      waive(one, false);
    } catch (problem) {
      line.remove();
      toast(`${file.name}: ${problem instanceof Refused ? problem.message : 'Mất kết nối. Chưa gửi được tệp, mời đính kèm lại.'}`, true);
    } finally {
      uploads -= 1;
    }
  }
  changed();
}

async function send(file) {
  if (!file.size) throw new Refused(422, { reason: 'FILE_EMPTY', message: 'Tệp rỗng. Mời quét lại rồi chọn tệp.' });
  if (file.size > FILE_BYTES_MAX) {
    throw new Refused(413, { reason: 'FILE_TOO_LARGE', message: 'Tệp lớn hơn 10 MB. Mời quét ở độ phân giải thấp hơn hoặc tách thành nhiều tệp.' });
  }
  const answer = await fetch(`${base}/files`, {
    method: 'POST',
    headers: {
      'content-type': file.type || 'application/octet-stream', 'x-motcua': '1',
      'x-file-name': encodeURIComponent(file.name), 'x-request-id': requestId(),
    },
    body: file,
  });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, body);
  return body;
}
