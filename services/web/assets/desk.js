// The dossier desk. What is typed lives in this page only: personal data never goes into browser storage.
import { banner, forgetLink, get, post, requestId, toast } from './live.js';

forgetLink();
const $ = (id) => document.getElementById(id);
const base = $('desk').dataset.base;
const form = $('dossier');
const q = $('q');
const found = $('found');
let ticket = { id: '', number: '' };
let procedure = null;
let dirty = false;
let sending = null;

function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ''));
  return element;
}

// The procedure's search
let options = [];
let active = -1;
let asked;

function close() {
  found.hidden = true;
  q.setAttribute('aria-expanded', 'false');
  q.removeAttribute('aria-activedescendant');
  active = -1;
}

function mark(index) {
  active = index;
  [...found.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === index)));
  const item = found.children[index];
  if (item?.id) {
    q.setAttribute('aria-activedescendant', item.id);
    item.scrollIntoView({ block: 'nearest' });
  }
}

async function search() {
  const text = q.value.trim();
  asked?.abort();
  if (text.length < 2) return close();
  asked = new AbortController();
  try {
    options = await get(`${base}/procedures?q=${encodeURIComponent(text)}`, { signal: asked.signal });
  } catch (problem) {
    if (problem.name !== 'AbortError') toast(problem.reason ? problem.message : 'Mất kết nối. Chưa tìm được thủ tục.', true);
    return;
  }
  found.replaceChildren(...options.map((option, i) => make(
    'li', { id: `found-${i}`, role: 'option', 'aria-selected': 'false' },
    make('b', { textContent: option.name }),
    make('span', { className: 'muted', textContent: `${option.code} · ${option.department}` }),
    option.refused ? make('span', { className: 'chip bad', textContent: 'không nhận tại đây' }) : '',
  )));
  if (!options.length) found.append(make('li', { className: 'none', textContent: 'Không tìm thấy. Thử từ khác hoặc mã thủ tục.' }));
  found.hidden = false;
  q.setAttribute('aria-expanded', 'true');
  mark(options.length ? 0 : -1);
}

let typing;
q.addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(search, 120); });
q.addEventListener('keydown', (event) => {
  if (event.isComposing) return;
  if (event.key === 'Enter') {
    event.preventDefault();
    if (!found.hidden && options[active]) choose(options[active].code);
  } else if (event.key === 'Escape') close();
  else if (!found.hidden && options.length && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault();
    mark((active + (event.key === 'ArrowDown' ? 1 : options.length - 1)) % options.length);
  }
});
q.addEventListener('blur', () => setTimeout(close, 150));
found.addEventListener('mousedown', (event) => event.preventDefault());
found.addEventListener('click', (event) => {
  const index = [...found.children].indexOf(event.target.closest('li'));
  if (options[index]) choose(options[index].code);
});

async function choose(code, byTicket = false) {
  close();
  try {
    procedure = await get(`${base}/procedures/${encodeURIComponent(code)}`);
  } catch (problem) {
    toast(problem.reason ? problem.message : 'Mất kết nối. Chưa mở được thủ tục.', true);
    return;
  }
  q.value = '';
  draw();
  if (byTicket) return;
  form.elements.full_name.focus();
  begun();
}

function draw() {
  const p = procedure;
  $('procedure').replaceChildren(...(p ? [
    make('h3', { textContent: p.name }),
    make('dl', {}, ...[['Mã', p.code], ['Cơ quan', p.department], ['Lĩnh vực', p.field], ['Thời hạn', p.limit ?? 'không quy định'], ['Phí, lệ phí', p.fee]]
      .filter(([, value]) => value)
      .flatMap(([name, value]) => [make('dt', { textContent: name }), make('dd', { textContent: value })])),
    p.sample ? make('p', { className: 'muted small', textContent: 'Thủ tục mẫu, chỉ để thử.' }) : '',
    p.refused ? make('p', { className: 'refused', textContent: p.refused }) : '',
  ].filter(Boolean) : [make('p', { className: 'empty', textContent: 'Chọn thủ tục để thấy thành phần hồ sơ và ngày hẹn trả.' })]));
  $('papers').replaceChildren(...(p?.components.length
    ? p.components.map(paper)
    : [make('p', { className: 'empty', textContent: p ? 'Danh mục không nêu thành phần hồ sơ: kiểm tra theo quy định của thủ tục.' : 'Chưa chọn thủ tục.' })]));
  const due = p && !p.refused ? p.due : null;
  $('due').hidden = !due;
  if (due) {
    $('due-date').textContent = due.text ?? 'Không quy định thời hạn';
    $('due-why').replaceChildren(...due.why.map((line) => make('li', { textContent: line })));
  }
  count();
  $('accept').disabled = !p || Boolean(p.refused) || Boolean(sending);
  problems([]);
}

function paper(component) {
  const id = `paper-${component.ordinal}`;
  const number = (kind, label, value) => make('label', { className: 'count' }, label,
    make('input', { type: 'number', min: 0, max: 99, value, name: `${kind}-${component.ordinal}`, 'aria-label': `${label}: ${component.name}` }));
  return make('div', { className: 'paper', 'data-ordinal': component.ordinal },
    make('input', { type: 'checkbox', id }),
    make('label', { htmlFor: id, className: 'name', textContent: component.name }),
    number('originals', 'Bản chính', component.originals),
    number('copies', 'Bản sao', component.copies));
}

function count() {
  const rows = [...$('papers').querySelectorAll('.paper')];
  const done = rows.filter((row) => row.querySelector('[type="checkbox"]').checked);
  rows.forEach((row) => row.classList.toggle('done', done.includes(row)));
  $('papers-count').textContent = rows.length ? `đã nhận ${done.length}/${rows.length}` : '';
}
$('papers').addEventListener('change', count);

// Which ticket the form belongs to
function adopt(next) {
  ticket = next;
  $('for-ticket').textContent = next.number ? `Số ${next.number}` : '';
  if (next.procedure) choose(next.procedure, true);
}

function clear() {
  form.reset();
  procedure = null;
  dirty = false;
  ticket = { id: '', number: '' };
  banner('form', null);
  $('for-ticket').textContent = '';
  $('accepted').hidden = true;
  form.hidden = false;
  draw();
}

const current = () => document.querySelector('[data-slot="current"]')?.dataset ?? {};
const live = () => ({ id: current().ticket ?? '', number: current().number ?? '', procedure: current().procedure ?? '' });

function follow() {
  const next = live();
  if (next.id === ticket.id) return banner('form', null);
  if (sending) return;
  if (!form.hidden && dirty && ticket.id) {
    banner('form', `Hồ sơ đang nhập là của số ${ticket.number}. Tiếp nhận xong hoặc bấm Esc hai lần để bỏ.`);
    return;
  }
  if (!form.hidden && dirty) return adoptOnly(next);
  clear();
  adopt(next);
}

// Typed before the ticket was called: what is typed stays.
function adoptOnly(next) {
  ticket = next;
  $('for-ticket').textContent = next.number ? `Số ${next.number}` : '';
  if (!procedure && next.procedure) choose(next.procedure, true);
}

// The console hears that this ticket's dossier has begun.
const begun = () => { if (ticket.id) document.dispatchEvent(new CustomEvent('begun', { detail: ticket.id })); };

document.addEventListener('ticket', follow);
form.addEventListener('input', (event) => {
  if (event.target !== q) {
    dirty = true;
    begun();
  }
  const name = event.target.name;
  if (name) problem(name, null);
});
let escaped = 0;
const restart = () => { clear(); adopt(live()); };
$('restart').addEventListener('click', () => { restart(); form.elements.full_name.focus(); });
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.target === q || event.isComposing || form.hidden || document.querySelector('dialog[open]')) return;
  if (performance.now() - escaped < 1500) restart();
  escaped = performance.now();
});

// Acceptance
function problem(name, text) {
  const line = form.querySelector(`[data-problem="${CSS.escape(name)}"]`);
  if (!line) return false;
  line.hidden = !text;
  line.textContent = text ?? '';
  const input = form.elements[name];
  if (input?.setAttribute) input[text ? 'setAttribute' : 'removeAttribute']('aria-invalid', 'true');
  return true;
}

function problems(list) {
  form.querySelectorAll('[data-problem]').forEach((line) => problem(line.dataset.problem, null));
  const other = list.filter(({ field, message }) => !field || !problem(field, message));
  if (other.length) problem('', other.map(({ message }) => message).join(' '));
  form.querySelector('[aria-invalid="true"]')?.focus();
}

function body() {
  const value = (name) => form.elements[name].value.trim();
  const components = [...$('papers').querySelectorAll('.paper')]
    .filter((row) => row.querySelector('[type="checkbox"]').checked)
    .map(({ dataset: { ordinal } }) => ({
      ordinal: Number(ordinal),
      originals: Number(form.elements[`originals-${ordinal}`].value) || 0,
      copies: Number(form.elements[`copies-${ordinal}`].value) || 0,
    }));
  return {
    ticket_id: ticket.id,
    procedure_code: procedure.code,
    applicant: { full_name: value('full_name'), id_number: value('id_number').replace(/\s/g, ''), phone: value('phone'), email: value('email'), address: value('address') },
    components,
    return_channel: Number(form.elements.return_channel.value),
  };
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (sending || !procedure || procedure.refused) return;
  problems([]);
  const request = body();
  const missing = [];
  if (!request.applicant.full_name) missing.push({ field: 'full_name', message: 'Xin nhập họ và tên công dân.' });
  if (request.applicant.id_number && !/^\d{12}$/.test(request.applicant.id_number)) missing.push({ field: 'id_number', message: 'Số CCCD có 12 chữ số.' });
  if (missing.length) return problems(missing);
  begun();
  sending = requestId();
  $('accept').disabled = true;
  $('accept').setAttribute('aria-busy', 'true');
  try {
    const answer = await post(`${base}/dossiers`, { request_id: sending, ...request }, (waiting) => {
      banner('act', waiting ? 'Mất kết nối. Hồ sơ chưa được ghi, đang thử lại; xin đừng đóng trang.' : null, true);
    });
    accepted(answer);
  } catch (refused) {
    if (refused.status === 401) banner('act', 'Phiên làm việc đã hết hạn. Mở lại trang bằng đường dẫn mới rồi nhập lại hồ sơ.', true);
    problems(refused.fields?.length ? refused.fields : [{ field: '', message: refused.message }]);
  } finally {
    sending = null;
    $('accept').removeAttribute('aria-busy');
    $('accept').disabled = !procedure || Boolean(procedure.refused);
  }
});

function accepted(answer) {
  form.hidden = true;
  form.reset();
  dirty = false;
  $('accepted-code').textContent = answer.code;
  $('accepted-due').textContent = answer.due ?? 'thủ tục không quy định thời hạn';
  $('accepted-procedure').textContent = answer.procedure;
  $('accepted-pdf').href = answer.receipt;
  $('accepted-qr').src = answer.qr;
  $('accepted').hidden = false;
  $('accepted-pdf').focus();
}

$('again').addEventListener('click', () => {
  const same = live();
  clear();
  ticket = same;
  $('for-ticket').textContent = same.number ? `Số ${same.number}` : '';
  q.focus();
});

addEventListener('beforeunload', (event) => { if (dirty || sending) event.preventDefault(); });
draw();
adopt(live());
