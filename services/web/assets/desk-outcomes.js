// A reception that ends without a dossier: asked for papers, refused, or only explained.
import { $, make, say } from './dom.js';
import { listed } from './desk-papers.js';
import { get, post, requestId } from './live.js';

const base = $('desk').dataset.base;
const KINDS = [['originals', 'Bản chính'], ['certified_copies', 'Chứng thực'], ['copies', 'Bản sao']];
const REASON = 'Hồ sơ chưa đủ thành phần theo quy định của thủ tục.';
const NOTES = {
  supplement: 'In phiếu, giao cho công dân. Hồ sơ chưa được tiếp nhận; giấy tờ trả lại công dân.',
  refusal: 'In phiếu, giao cho công dân và trả lại giấy tờ.',
  guided: 'Đã ghi vào số liệu của ngày.',
};

/** The day's count at this counter. */
export async function figures() {
  try {
    $('desk-figures').textContent = (await get(`${base}/figures`)).text;
  } catch {
    $('desk-figures').textContent = '';
  }
}

function asked(paper, at) {
  const id = `asked-${at}`;
  const number = ([kind, label]) => make('label', { className: 'count' }, label,
    make('input', { type: 'number', min: 0, max: 999, value: paper[kind], 'data-kind': kind, 'aria-label': `${label}: ${paper.name}` }));
  return make('div', { className: 'paper', 'data-name': paper.name },
    make('input', { type: 'checkbox', id, checked: paper.missing }),
    make('label', { htmlFor: id, className: 'name', textContent: paper.name }),
    make('div', { className: 'details' }, ...KINDS.map(number)));
}

function papers() {
  const rows = [...$('asked-papers').querySelectorAll('.paper')];
  const free = $('asked-free')?.value.trim();
  if (free) return [{ name: free, originals: 1 }];
  return rows.filter((row) => row.querySelector('[type="checkbox"]').checked).map((row) => ({
    name: row.dataset.name, ...Object.fromEntries(KINDS.map(([kind]) => [kind, Number(row.querySelector(`[data-kind="${kind}"]`).value) || 0])),
  }));
}

/** Wires buttons and dialogs. `ready(kind)` says whether the form suffices; `about()` is what the reception was about. */
export function outcomes({ ready, about, ended }) {
  for (const button of document.querySelectorAll('[data-outcome]')) {
    button.addEventListener('click', () => {
      const kind = button.dataset.outcome;
      if (!ready(kind)) return;
      const dialog = $(`end-${kind}`);
      const form = dialog.querySelector('form');
      form.reset();
      say(form.querySelector('.problem'), null);
      if (kind === 'supplement') {
        const all = listed();
        $('asked-papers').replaceChildren(...(all.length ? all.map(asked) : [
          make('div', { className: 'field' }, make('label', { htmlFor: 'asked-free', textContent: 'Giấy tờ cần bổ sung' }), make('input', { id: 'asked-free', maxLength: 500 })),
        ]));
        form.elements.reason.value = REASON;
      }
      dialog.showModal();
      (dialog.querySelector('#asked-papers input') ?? form.elements.reason).focus();
    });
  }
  for (const form of document.querySelectorAll('form[data-end]')) {
    const dialog = form.closest('dialog');
    form.querySelector('[data-dismiss]').addEventListener('click', () => dialog.close());
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const go = form.querySelector('.go');
      if (go.disabled) return;
      const kind = form.dataset.end;
      const line = form.querySelector('.problem');
      const reason = form.elements.reason.value.trim();
      const outcome = { kind, reason, ...(kind === 'supplement' ? { papers: papers() } : {}) };
      if (kind === 'supplement' && !outcome.papers.length) return say(line, 'Mời chọn ít nhất một giấy tờ cần bổ sung.');
      if (!reason && kind !== 'guided') {
        say(line, 'Mời ghi rõ lý do.');
        return form.elements.reason.focus();
      }
      go.disabled = true;
      go.setAttribute('aria-busy', 'true');
      try {
        const answer = await post(`${base}/receptions`, { request_id: requestId(), ...about(kind), outcome },
          (waiting) => say(line, waiting ? 'Mất kết nối. Chưa ghi được, đang thử lại; xin đừng đóng trang.' : null));
        dialog.close();
        show(kind, answer);
        ended();
      } catch (refused) {
        say(line, [...new Set([refused.message, ...refused.fields.map(({ message }) => message)])].join(' '));
      } finally {
        go.disabled = false;
        go.removeAttribute('aria-busy');
      }
    });
  }
}

function show(kind, answer) {
  $('dossier').hidden = true;
  $('ended-title').textContent = answer.title;
  say($('ended-number'), answer.number ? `Số ${answer.number}` : null);
  $('ended-note').textContent = NOTES[kind];
  $('ended-pdf').hidden = !answer.form;
  if (answer.form) $('ended-pdf').href = answer.form;
  $('ended').hidden = false;
  (answer.form ? $('ended-pdf') : $('ended-again')).focus();
  figures();
}
