// The second tab: dossiers of the centre and the one move each may make next.
import { get, post, requestId, toast } from './live.js';

const tabs = [document.getElementById('tab-desk'), document.getElementById('tab-dossiers')];
const panel = document.getElementById('dossiers');
const list = document.getElementById('dossier-list');
const filter = document.getElementById('filter');
const base = panel.dataset.base;

function select(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute('aria-controls')).hidden = !chosen;
  }
  if (tab === tabs[1]) load();
}
for (const tab of tabs) {
  tab.addEventListener('click', () => select(tab));
  tab.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const other = tabs[1 - tabs.indexOf(tab)];
    select(other);
    other.focus();
  });
}

let asked;
async function load() {
  asked?.abort();
  asked = new AbortController();
  try {
    list.innerHTML = await get(`${base}?${new URLSearchParams(new FormData(filter))}`, { signal: asked.signal });
  } catch (problem) {
    if (problem.name === 'AbortError') return;
    list.replaceChildren(Object.assign(document.createElement('p'), { className: 'missing', textContent: problem.reason ? problem.message : 'Mất kết nối. Chưa tải được danh sách hồ sơ.' }));
  }
}
let typing;
filter.addEventListener('submit', (event) => { event.preventDefault(); load(); });
filter.addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(load, 200); });

list.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-move]');
  if (!button || button.hasAttribute('aria-busy')) return;
  button.setAttribute('aria-busy', 'true');
  const { move, etag, code } = button.dataset;
  const id = button.closest('tr').dataset.dossier;
  try {
    const answer = await post(`/dossiers/${encodeURIComponent(id)}/moves/${move}`, { request_id: requestId(), etag });
    toast(`${code}: ${answer.state_label}.`);
  } catch (problem) {
    toast(problem.message, true);
  }
  load();
});
