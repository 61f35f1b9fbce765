// The dossier desk: one reception from the procedure to its outcome.
import { badFees, drawFees, fees, feesState, offerReceipts, restoreFees } from './desk-fees.js';
import { Drafts } from './desk-draft.js';
import { figures, outcomes } from './desk-outcomes.js';
import { drawPapers, missing, papers, papersState, restorePapers, uploading, worded } from './desk-papers.js';
import { drawPerson, incomplete, inputOf, keepSubmitter, people, readCards, submitterState } from './desk-person.js';
import { search } from './desk-search.js';
import { $, make, say } from './dom.js';
import { banner, forgetLink, get, post, requestId, toast } from './live.js';

forgetLink();
const desk = $('desk');
const base = desk.dataset.base;
const form = $('dossier');
const drafts = new Drafts(desk.dataset.counter, desk.dataset.user);
let ticket = { id: '', number: '' };
let procedure = null;
let dirty = false;
let sending = null;
// What was sent last, so that the same reception sent again after a crash is the same request.
let sent = null;
// Receipt numbers of this visit.
let receipts = [];

async function open(code, chosen = '') {
  try {
    return await get(`${base}/procedures/${encodeURIComponent(code)}${chosen ? `?case=${encodeURIComponent(chosen)}` : ''}`);
  } catch (problem) {
    toast(problem.reason ? problem.message : 'Mất kết nối. Chưa mở được thủ tục.', true);
    return null;
  }
}

async function choose(code, byTicket = false) {
  const opened = await open(code);
  if (!opened) return;
  procedure = opened;
  draw();
  if (byTicket) return;
  (procedure.cases.length && !procedure.refused ? form.elements.case_code[0] ?? form.elements.case_code : $('card')).focus();
  begun();
  keep();
}

function draw() {
  const p = procedure;
  $('procedure').replaceChildren(...(p ? [
    make('h3', { textContent: p.name }),
    make('dl', {}, ...[['Mã', p.code], ['Cơ quan', p.department], ['Lĩnh vực', p.field], ['Thời hạn', p.limit ?? 'không quy định']]
      .filter(([, value]) => value)
      .flatMap(([name, value]) => [make('dt', { textContent: name }), make('dd', { textContent: value })])),
    p.sample ? make('p', { className: 'muted small', textContent: 'Thủ tục mẫu, chỉ để thử.' }) : '',
    p.refused ? make('p', { className: 'refused', textContent: p.refused }) : '',
  ].filter(Boolean) : [make('p', { className: 'empty', textContent: 'Chọn thủ tục để thấy thành phần hồ sơ và ngày hẹn trả.' })]));
  const cases = p && !p.refused ? p.cases : [];
  $('cases').hidden = !cases.length;
  $('case-list').replaceChildren(...cases.map(({ code, name, limit }) => make('label', {},
    make('input', { type: 'radio', name: 'case_code', value: code }),
    make('span', { textContent: name }), limit ? make('span', { className: 'muted small', textContent: limit }) : '')));
  drawPapers(p);
  drawFees(p);
  drawDue(p?.due);
  able();
  problems([]);
}

function drawDue(due) {
  // Until a case is chosen no date can be promised.
  const shown = due && !procedure.refused && (!procedure.cases.length || caseCode());
  $('due').hidden = !shown;
  if (!shown) return;
  $('due-date').textContent = due.text ?? 'Không quy định thời hạn';
  $('due-why').replaceChildren(...due.why.map((line) => make('li', { textContent: line })));
}

const caseCode = () => form.querySelector('[name="case_code"]:checked')?.value ?? '';

async function chooseCase(code) {
  const of = procedure;
  const opened = await open(of.code, code);
  if (opened && procedure === of && caseCode() === code) drawDue(opened.due);
}
form.addEventListener('change', ({ target }) => { if (target.name === 'case_code') chooseCase(target.value); });

function able() {
  $('accept').disabled = !procedure || Boolean(procedure.refused) || Boolean(sending);
  for (const button of form.querySelectorAll('[data-outcome]')) {
    const kind = button.dataset.outcome;
    button.disabled = Boolean(sending) || (kind !== 'guided' && (!procedure || (kind === 'supplement' && Boolean(procedure.refused))));
  }
}

// Which ticket the form belongs to
function label(next) {
  ticket = next;
  $('for-ticket').textContent = next.number ? `Số ${next.number}` : '';
}

function adopt(next) {
  label(next);
  if (next.procedure) choose(next.procedure, true);
  offerDraft();
}

function clear() {
  form.reset();
  procedure = null;
  dirty = false;
  sent = null;
  label({ id: '', number: '' });
  banner('form', null);
  $('accepted').hidden = true;
  $('ended').hidden = true;
  form.hidden = false;
  draw();
  drawPerson();
  for (const column of form.querySelectorAll('section, .fields, .list')) column.scrollTop = 0;
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
  receipts = [];
  clear();
  adopt(next);
}

// Typed before the ticket was called: what is typed stays.
function adoptOnly(next) {
  drafts.forget(drafts.keyOf(ticket));
  label(next);
  if (!procedure && next.procedure) choose(next.procedure, true);
  keep();
}

// The console hears that this ticket's dossier has begun.
const begun = () => { if (ticket.id) document.dispatchEvent(new CustomEvent('begun', { detail: ticket.id })); };

document.addEventListener('ticket', follow);
form.addEventListener('input', (event) => {
  if (event.target.id === 'q') return;
  dirty = true;
  begun();
  keep();
  const name = event.target.name;
  if (name) problem(name, null);
});
let escaped = 0;
const restart = () => {
  drafts.forget(drafts.keyOf(ticket));
  receipts = [];
  clear();
  adopt(live());
};
$('restart').addEventListener('click', () => { restart(); form.elements.full_name.focus(); });
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.target.id === 'q' || event.isComposing || form.hidden || document.querySelector('dialog[open]')) return;
  if (performance.now() - escaped < 1500) restart();
  escaped = performance.now();
});

// Drafts
const NAMED = 'input[id][name], select[name]:not([data-fee]), [name="owner"], [name="return_channel"], [name^="consent_"]';
const typed = () => Object.fromEntries([...form.querySelectorAll(NAMED)]
  .filter((input) => input.closest('#papers, #fee-lines') === null && (input.type !== 'radio' || input.checked))
  .map((input) => [input.name, input.type === 'checkbox' ? input.checked : input.value]));

function keep() {
  if (form.hidden || !dirty) return;
  drafts.save(ticket, {
    procedure: procedure?.code ?? '', case_code: caseCode(), typed: typed(), papers: papersState(), fees: feesState(), sent, receipts,
  });
}

let offered = null;
function offerDraft() {
  offered = drafts.newest(dirty ? drafts.keyOf(ticket) : null);
  const whose = offered?.ticket.number ? ` của số ${offered.ticket.number}` : '';
  const at = offered ? new Date(offered.at).toLocaleTimeString('vi-VN', { hour: '2-digit', minute: '2-digit' }) : '';
  say($('draft-text'), offered && `Có bản nháp chưa hoàn tất${whose}, lưu lúc ${at} trên máy này.`);
  $('draft').hidden = !offered;
}

$('draft-restore').addEventListener('click', async () => {
  const { key, ticket: of, state } = offered;
  clear();
  label(of);
  const opened = state.procedure ? await open(state.procedure, state.case_code) : null;
  if (state.procedure && !opened) return offerDraft();
  procedure = opened;
  draw();
  for (const [name, saved] of Object.entries(state.typed)) {
    const input = form.elements[name];
    if (!input) continue;
    if (typeof saved === 'boolean') input.checked = saved;
    else input.value = saved;
  }
  if (!state.typed.owner) for (const radio of form.elements.owner) radio.checked = false;
  const chosen = [...form.querySelectorAll('[name="case_code"]')].find(({ value }) => value === state.case_code);
  if (chosen) chosen.checked = true;
  restorePapers(state.papers);
  restoreFees(state.fees);
  ({ sent, receipts } = state);
  offerReceipts(receipts);
  drawPerson();
  drawDue(procedure?.due);
  dirty = true;
  if (key !== drafts.keyOf(ticket)) drafts.forget(key);
  keep();
  offerDraft();
  begun();
  form.elements.full_name.focus();
});
$('draft-discard').addEventListener('click', () => {
  drafts.forget(offered.key);
  offerDraft();
  $('q').focus();
});

// Refusals
function problem(name, text) {
  const line = form.querySelector(`[data-problem="${CSS.escape(name)}"]`);
  if (!line) return false;
  say(line, text);
  const input = form.elements[name];
  if (input?.setAttribute) input[text ? 'setAttribute' : 'removeAttribute']('aria-invalid', 'true');
  return true;
}

function problems(list) {
  form.querySelectorAll('[data-problem]').forEach((line) => problem(line.dataset.problem, null));
  const other = list.filter(({ field, message }) => !field || !problem(inputOf(field), message));
  if (other.length) problem('', other.map(({ message }) => message).join(' '));
  const first = form.querySelector('[aria-invalid="true"]') ?? form.querySelector('[data-problem]:not([hidden])');
  first?.scrollIntoView({ block: 'nearest' });
  if (first?.matches('input, select')) first.focus();
}
readCards((text) => problem('card', text));

// Acceptance
function body() {
  const checked = (name) => form.elements[name].checked;
  return {
    ticket_id: ticket.id,
    procedure_code: procedure.code,
    case_code: caseCode(),
    ...people(),
    ...papers(),
    require_complete: true,
    return_channel: Number(form.elements.return_channel.value),
    return_address: form.elements.return_channel.value === '2' ? form.elements.return_address.value.trim() : '',
    fees: fees(),
    consent: { sms: checked('consent_sms'), zalo: checked('consent_zalo'), email: checked('consent_email') },
  };
}

function lacking() {
  const found = incomplete();
  if (procedure.cases.length && !caseCode()) found.push({ field: 'case_code', message: 'Thủ tục có nhiều trường hợp. Mời chọn một trường hợp.' });
  const wrong = badFees();
  if (wrong) found.push({ field: 'fees', message: wrong });
  if (uploading()) found.push({ field: 'files', message: 'Còn tệp đang gửi. Xin chờ gửi xong.' });
  const left = missing();
  if (left.length) {
    const named = left.map((paper) => `${paper.name} (${worded(paper) || 'chưa ghi số bản'})`).join('; ');
    found.push({ field: 'components', message: `Còn thiếu: ${named}. Nhận đủ, đánh dấu không áp dụng, hoặc lập phiếu yêu cầu bổ sung.` });
  }
  return found;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (sending || !procedure || procedure.refused) return;
  problems([]);
  const found = lacking();
  if (found.length) return problems(found);
  begun();
  const request = body();
  const text = JSON.stringify(request);
  if (sent?.text !== text) sent = { id: requestId(), text };
  sending = sent.id;
  keep();
  able();
  $('accept').setAttribute('aria-busy', 'true');
  try {
    const answer = await post(`${base}/dossiers`, { request_id: sending, ...request }, (waiting) => {
      banner('act', waiting ? 'Mất kết nối. Hồ sơ chưa được ghi, đang thử lại; xin đừng đóng trang.' : null, true);
    });
    accepted(answer, request);
  } catch (refused) {
    if (refused.status === 401) banner('act', 'Phiên làm việc đã hết hạn. Mở lại trang bằng đường dẫn mới; bản nháp được giữ trên máy này.', true);
    problems(refused.fields?.length ? refused.fields : [{ field: '', message: refused.message }]);
  } finally {
    sending = null;
    $('accept').removeAttribute('aria-busy');
    able();
  }
});

// The person at the counter, until somebody else is.
let same = null;
function finished() {
  drafts.forget(drafts.keyOf(ticket));
  same = submitterState();
  form.hidden = true;
  form.reset();
  dirty = false;
  sent = null;
}

function accepted(answer, request) {
  finished();
  receipts = [...new Set([...receipts, ...request.fees.map((line) => line.receipt_number).filter(Boolean)])];
  $('accepted-code').textContent = answer.code;
  $('accepted-due').textContent = answer.due ?? 'thủ tục không quy định thời hạn';
  $('accepted-procedure').textContent = answer.procedure;
  $('accepted-pdf').href = answer.receipt;
  $('accepted-qr').src = answer.qr;
  $('accepted').hidden = false;
  $('accepted-pdf').focus();
  figures();
}

function begin(keepPerson) {
  const [next, kept] = [live(), keepPerson ? same : null];
  clear();
  same = null;
  label({ id: next.id, number: next.number });
  if (kept) {
    keepSubmitter(kept);
    dirty = true;
    keep();
  } else receipts = [];
  offerReceipts(receipts);
  offerDraft();
  $('q').focus();
}
$('next-dossier').addEventListener('click', () => begin(true));
$('again').addEventListener('click', () => begin(false));
$('ended-again').addEventListener('click', () => begin(false));

outcomes({
  ready(kind) {
    problems([]);
    if (kind === 'guided') return true;
    const found = incomplete().filter(({ field }) => ['full_name', 'owner', 'owner_full_name'].includes(field));
    problems(found);
    return !found.length;
  },
  about: (kind) => ({
    ticket_id: ticket.id, procedure_code: procedure?.code ?? '', case_code: caseCode(),
    ...(kind === 'guided' ? {} : { applicant: people().applicant }),
  }),
  ended() {
    finished();
    same = null;
  },
});

addEventListener('beforeunload', (event) => { if (dirty || sending) event.preventDefault(); });
search(base, choose);
draw();
drawPerson();
adopt(live());
figures();
