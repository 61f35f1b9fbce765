// A template is previewed while it is written; what is wrong is said beside its input without moving the caret.
import { forgetLink, post } from './live.js';
import { tell, wire } from './forms.js';

forgetLink();
const form = document.getElementById('editor');
const preview = document.getElementById('preview');
const parts = document.getElementById('parts');
let turn = 0;
let typing;

async function look() {
  turn += 1;
  const mine = turn;
  try {
    const answer = await post(form.dataset.preview, Object.fromEntries(new FormData(form)));
    // An older answer that comes later says nothing.
    if (mine !== turn) return;
    preview.textContent = answer.text || `Chưa gửi được.\n${answer.fields.map(({ message }) => message).join('\n')}`;
    preview.classList.toggle('bad', !answer.text);
    parts.textContent = answer.parts;
    tell(form, answer.fields, '', false);
    const wrong = form.querySelector('.samples [aria-invalid="true"]');
    if (wrong) wrong.closest('details').open = true;
  } catch (problem) {
    if (mine !== turn) return;
    if (problem.status === 401) location.reload();
    tell(form, problem.fields, problem.message, false);
  }
}

form.addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(look, 250); });
look();

document.addEventListener('click', ({ target }) => {
  const place = target.closest('[data-place]')?.dataset.place;
  const body = document.getElementById('body');
  if (!place || !body) return;
  body.setRangeText(`{${place}}`, body.selectionStart, body.selectionEnd, 'end');
  body.focus();
  body.dispatchEvent(new Event('input', { bubbles: true }));
});

for (const each of document.querySelectorAll('form[data-post]')) wire(each);
