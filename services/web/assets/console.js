import { banner, forgetLink, listen, patch, post, toast } from './live.js';

forgetLink();
const base = document.getElementById('console').dataset.base;
const main = document.getElementById('main-action');
const dialog = document.getElementById('transfer-dialog');
const drawer = document.getElementById('drawer');
const slot = (name) => document.querySelector(`[data-slot="${name}"]`);
let busy = false;

function show(html) {
  const before = slot('current').dataset.ticket ?? '';
  patch(html);
  const current = slot('current').dataset;
  document.title = `${current.number ? `${current.number} · ` : ''}${document.title.replace(/^.* · (?=Quầy )/, '')}`;
  if ((current.ticket ?? '') !== before) {
    document.dispatchEvent(new CustomEvent('ticket', { detail: { id: current.ticket, number: current.number, procedure: current.procedure } }));
  }
}

async function act(name, more = {}) {
  if (busy) return;
  busy = true;
  main.setAttribute('aria-busy', 'true');
  const expected = slot('queue').dataset.first;
  try {
    const answer = await post(`${base}/${name}`, { ticket_id: slot('current').dataset.ticket, ...more }, (waiting) => {
      banner('act', waiting ? 'Mất kết nối. Thao tác chưa được ghi, đang thử lại.' : null, true);
    });
    show(answer.html);
    if (answer.message) toast(answer.message);
    const number = slot('current').dataset.number;
    if (answer.called && expected && number && number !== expected) {
      toast(`${expected} vừa được quầy khác gọi. Đã gọi ${number}.`);
    }
  } catch (problem) {
    if (problem.status === 401) location.reload();
    toast(problem.message, true);
    refresh();
  } finally {
    busy = false;
    main.removeAttribute('aria-busy');
  }
}

async function refresh() {
  const answer = await fetch(`${base}/state`, { headers: { 'x-motcua': '1' } }).catch(() => null);
  if (answer?.status === 401) location.reload();
  else if (answer?.ok) show(await answer.text());
}

const acts = {
  call: () => act('call', { finish_current: false }),
  next: () => act('call', { finish_current: true }),
  arrive: () => act('arrive'),
  finish: () => act('finish'),
  recall: () => act('recall'),
  absent: () => act('absent'),
  transfer: openTransfer,
};

function openTransfer() {
  if (busy || dialog.open) return;
  document.getElementById('transfer-number').textContent = slot('current').dataset.number ?? '';
  dialog.querySelector('form').reset();
  document.getElementById('transfer-go').disabled = true;
  dialog.dataset.ticket = slot('current').dataset.ticket ?? '';
  dialog.showModal();
}

dialog.addEventListener('change', () => { document.getElementById('transfer-go').disabled = !dialog.querySelector('input:checked'); });
document.getElementById('transfer-cancel').addEventListener('click', () => dialog.close());
document.getElementById('transfer-go').addEventListener('click', () => {
  const [kind, id] = dialog.querySelector('input:checked').value.split(/:(.*)/s);
  dialog.close();
  act('transfer', { ticket_id: dialog.dataset.ticket, [kind === 'queue' ? 'to_queue_id' : 'to_counter_id']: id });
});

for (const button of document.querySelectorAll('[data-act]')) {
  // The key's own repeat clicks a focused button again and again: only the first click of a press counts.
  button.addEventListener('keydown', (event) => { if (event.repeat && (event.key === 'Enter' || event.key === ' ')) event.preventDefault(); });
  button.addEventListener('click', () => { if (!button.disabled) acts[button.dataset.act](); });
}

const keys = { F2: 'main', F4: 'recall', F8: 'absent', F9: 'transfer' };
addEventListener('keydown', (event) => {
  const key = keys[event.key];
  if (!key || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  if (event.repeat || event.isComposing || event.keyCode === 229 || dialog.open) return;
  if (key === 'main' && event.shiftKey) {
    if (slot('current').dataset.ticket) acts.finish();
    return;
  }
  const button = slot(key);
  if (!button.disabled && !event.shiftKey) acts[button.dataset.act]();
});

function toggleDrawer(open) {
  drawer.hidden = !open;
  if (open) document.getElementById('drawer-close').focus();
}
document.getElementById('queue').addEventListener('click', () => toggleDrawer(drawer.hidden));
document.getElementById('drawer-close').addEventListener('click', () => { toggleDrawer(false); document.getElementById('queue').focus(); });
drawer.addEventListener('keydown', (event) => { if (event.key === 'Escape') { toggleDrawer(false); document.getElementById('queue').focus(); } });

listen(`${base}/events`, {
  state: (html) => { if (!busy) show(html); },
  down: () => {
    banner('line', 'Mất kết nối với Trung tâm. Số trên màn hình có thể đã cũ; đang nối lại.');
    refresh();
  },
  up: () => banner('line', null),
});
