// Who stands at the counter, whose dossier it is, and the identity card that fills the form.
import { $ } from './dom.js';
import { post } from './live.js';

const form = $('dossier');
const base = $('desk').dataset.base;
const ORGANISATION = 2;
const LEGAL_REPRESENTATIVE = '3';
/** What "Nhận tiếp" keeps: the person at the counter, never the owner. */
const OWN = ['full_name', 'id_number', 'phone', 'address', 'email'];

const value = (name) => form.elements[name].value.trim();
const digits = (name) => value(name).replace(/[\s.]/g, '');

/** "self", "person", "organisation", or nothing yet. */
export const owner = () => form.elements.owner.value;

/** Shows what the choices ask for. */
export function drawPerson() {
  const whose = owner();
  const other = whose === 'person' || whose === 'organisation';
  $('owner-fields').hidden = !other;
  for (const part of form.querySelectorAll('[data-owner]')) part.hidden = part.dataset.owner !== whose;
  $('post-fields').hidden = form.elements.return_channel.value !== '2';
}
form.addEventListener('change', ({ target }) => { if (['owner', 'return_channel'].includes(target.name)) drawPerson(); });

/** Owner and, where it is somebody else, who hands it in. */
export function people() {
  const person = { full_name: value('full_name'), id_number: digits('id_number'), phone: value('phone'), email: value('email'), address: value('address') };
  const whose = owner();
  if (whose === 'self' || !whose) return { applicant: person };
  const organisation = whose === 'organisation';
  return {
    applicant: {
      full_name: value('owner_full_name'), phone: value('owner_phone'), address: value('owner_address'),
      id_number: organisation ? '' : digits('owner_id_number'),
      ...(organisation ? { kind: ORGANISATION, tax_code: value('owner_tax_code') } : {}),
    },
    submitter: {
      ...person, authorisation: Number(value('authorisation')),
      authorisation_paper: value('authorisation_paper'), authorisation_date: value('authorisation_date'),
    },
  };
}

/** What can be said before the server is asked. */
export function incomplete() {
  const found = [];
  const need = (field, message, ok = value(field)) => { if (!ok) found.push({ field, message }); };
  const twelve = (field) => { if (digits(field) && !/^\d{12}$/.test(digits(field))) found.push({ field, message: 'Số CCCD có 12 chữ số.' }); };
  need('full_name', 'Xin nhập họ và tên người nộp hồ sơ.');
  twelve('id_number');
  const whose = owner();
  if (!whose) found.push({ field: 'owner', message: 'Hồ sơ này của ai? Mời chọn chủ hồ sơ.' });
  if (whose === 'person' || whose === 'organisation') {
    need('id_number', 'Người nộp thay phải có số CCCD. Mời quét thẻ hoặc nhập số CCCD.');
    need('owner_full_name', 'Xin nhập tên chủ hồ sơ.');
    if (whose === 'person') twelve('owner_id_number');
    need('authorisation', 'Mời chọn giấy tờ cho phép nộp thay.', value('authorisation') !== '0');
    if (value('authorisation') !== LEGAL_REPRESENTATIVE) need('authorisation_paper', 'Mời ghi số hoặc nơi lập giấy.');
  }
  return found;
}

/** The input that a refused field of the contract belongs to. */
export function inputOf(field) {
  if (field.startsWith('submitter.')) return field.slice('submitter.'.length);
  const other = owner() === 'person' || owner() === 'organisation';
  return other && form.elements[`owner_${field}`] ? `owner_${field}` : field;
}

/** Of the dossier before: who stood at the counter. */
export const submitterState = () => Object.fromEntries(OWN.map((name) => [name, form.elements[name].value]));

/** The same person with another dossier; whose it is must be said again. */
export function keepSubmitter(state) {
  for (const name of OWN) form.elements[name].value = state[name] ?? '';
  for (const radio of form.elements.owner) radio.checked = false;
  drawPerson();
}

// A scanner types the card's line and Enter; pasted it works as well. The line itself stays nowhere.
const card = $('card');
async function scan(complain) {
  const text = card.value;
  card.value = '';
  if (!text.trim()) return;
  complain(null);
  try {
    const read = await post(`${base}/card`, { text });
    for (const name of ['full_name', 'id_number', 'address']) form.elements[name].value = read[name];
    form.elements.full_name.dispatchEvent(new Event('input', { bubbles: true }));
    form.elements.id_number.dispatchEvent(new Event('input', { bubbles: true }));
    form.elements.phone.focus();
  } catch (problem) {
    complain(problem.message);
    card.focus();
  }
}

/** Wires the scanner's field; `complain(text)` shows what is wrong. */
export function readCards(complain) {
  card.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    scan(complain);
  });
  card.addEventListener('paste', () => setTimeout(() => scan(complain)));
  // What is half scanned is nobody's typing.
  card.addEventListener('input', (event) => event.stopPropagation());
}
