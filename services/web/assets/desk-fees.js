// Fees: what is due when, and the cashier's receipt.
import { $, make } from './dom.js';

const lines = $('fee-lines');
const MOMENTS = [['1', 'Khi nộp'], ['2', 'Khi bổ sung'], ['4', 'Khi nhận kết quả']];
const vnd = (amount) => `${String(amount).replace(/\B(?=(\d{3})+(?!\d))/g, '.')} đồng`;
let made = 0;

const part = (line, name) => line.querySelector(`[data-fee="${name}"]`);
const all = () => [...lines.querySelectorAll('.fee')];

/** An amount as typed; grouping dots and blanks do not matter. What is no whole number is NaN. */
const amount = (line) => {
  const text = part(line, 'amount').value.replace(/[.\s]/g, '');
  return /^-?\d+$/.test(text) ? Number(text) : NaN;
};

function fee({ name = '', amount: due = '', moment = 1, receipt_number = '' } = {}) {
  made += 1;
  const field = (key, label, props) => make('label', { className: key }, label, make('input', { 'data-fee': key, name: `fee-${key}-${made}`, autocomplete: 'off', ...props }));
  return make('div', { className: 'fee', role: 'group', 'aria-label': name || 'Khoản thu mới' },
    field('name', 'Khoản thu', { value: name, maxLength: 200 }),
    make('button', { type: 'button', className: 'small-button remove', textContent: 'Bỏ', 'aria-label': `Bỏ khoản thu ${name}` }),
    field('amount', 'Số tiền (đồng)', { value: due, inputMode: 'numeric', maxLength: 16 }),
    make('label', { className: 'moment' }, 'Thu', make('select', { 'data-fee': 'moment', name: `fee-moment-${made}` },
      ...MOMENTS.map(([key, label]) => make('option', { value: key, textContent: label, selected: key === String(moment) })))),
    field('receipt_number', 'Số biên lai', { value: receipt_number, maxLength: 40, placeholder: 'Chưa nộp', list: 'receipt-numbers' }));
}

/** Draws the fees of a procedure; null: none chosen. */
export function drawFees(procedure) {
  $('fees').hidden = !procedure || Boolean(procedure.refused);
  $('fee-note').textContent = procedure ? `Danh mục: ${procedure.fee}` : '';
  lines.replaceChildren(...(procedure?.fees ?? []).map((stated) => fee(stated)));
  sum();
}

/** The lines; an amount that is no number is refused by its line. */
export function fees() {
  return all().map((line) => ({
    name: part(line, 'name').value.trim(), amount: amount(line), moment: Number(part(line, 'moment').value),
    receipt_number: part(line, 'moment').value === '1' ? part(line, 'receipt_number').value.trim() : '',
  }));
}

/** What is wrong with the lines, or nothing. */
export function badFees() {
  for (const [at, line] of all().entries()) {
    const due = amount(line);
    const told = (what, name) => { part(line, name).focus(); return `Khoản thu thứ ${at + 1}: ${what}`; };
    if (!part(line, 'name').value.trim()) return told('mời ghi tên khoản thu.', 'name');
    if (Number.isNaN(due)) return told('số tiền là số đồng nguyên, ví dụ 135000.', 'amount');
    if (due < 0) return told('số tiền không được âm.', 'amount');
  }
  return null;
}

export const feesState = () => all().map((line) => Object.fromEntries(['name', 'amount', 'moment', 'receipt_number'].map((key) => [key, part(line, key).value])));

export function restoreFees(state) {
  lines.replaceChildren(...(state ?? []).map((saved) => fee(saved)));
  sum();
}

/** Receipt numbers of this visit are offered again: one payment may cover several dossiers. */
export function offerReceipts(numbers) {
  $('receipt-numbers').replaceChildren(...numbers.map((number) => make('option', { value: number })));
}

function sum() {
  const due = { now: 0, paid: 0, later: 0 };
  for (const line of all()) {
    const receipt = part(line, 'receipt_number');
    const now = part(line, 'moment').value === '1';
    receipt.disabled = !now;
    const value = amount(line);
    if (!(value > 0)) continue;
    due[!now ? 'later' : receipt.value.trim() ? 'paid' : 'now'] += value;
  }
  const words = [due.paid && `đã nộp ${vnd(due.paid)}`, due.now && `chưa nộp ${vnd(due.now)}`, due.later && `thu sau ${vnd(due.later)}`].filter(Boolean);
  $('fee-total').textContent = words.length ? `Cộng: ${words.join(', ')}` : '';
}

lines.addEventListener('input', sum);
lines.addEventListener('change', sum);
lines.addEventListener('click', ({ target }) => {
  if (!target.matches('.remove')) return;
  target.closest('.fee').remove();
  sum();
  $('fee-add').focus();
  lines.dispatchEvent(new Event('input', { bubbles: true }));
});
$('fee-add').addEventListener('click', () => {
  const line = fee();
  lines.append(line);
  part(line, 'name').focus();
});
