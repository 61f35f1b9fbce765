// The call list: one person is opened at a time, read out from the script, and what came of it is written down.
import { forgetLink, post, toast } from './live.js';
import { wire } from './forms.js';
import { poll } from './poll.js';

forgetLink();
const board = document.getElementById('calls');
const panel = document.getElementById('call');
const again = poll(board, { what: 'Danh sách bên dưới' });
const quiet = panel.innerHTML;

function put(html) {
  panel.innerHTML = html;
  const form = panel.querySelector('form[data-post]');
  if (form) wire(form, recorded);
}

/** The number does not stay on the screen of a call that is over. */
async function recorded() {
  put(quiet);
  await again();
  (board.querySelector('[data-open]') ?? panel).focus();
}

document.addEventListener('click', async ({ target }) => {
  if (target.closest('[data-leave]')) {
    const { call } = panel.querySelector('[data-call]').dataset;
    put(quiet);
    document.getElementById(`open-${call}`)?.focus();
    return;
  }
  const button = target.closest('[data-open]');
  if (!button || button.hasAttribute('aria-busy')) return;
  button.setAttribute('aria-busy', 'true');
  try {
    const { html } = await post(`/staff/calls/${encodeURIComponent(button.dataset.open)}/open`, {});
    put(html);
    panel.querySelector('h2').focus();
  } catch (problem) {
    toast(problem.message, true);
    if (problem.status === 401) location.reload();
    again();
  }
  button.removeAttribute('aria-busy');
});
