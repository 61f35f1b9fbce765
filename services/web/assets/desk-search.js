// The procedure's search: a combobox that answers while one types.
import { $, make } from './dom.js';
import { get, toast } from './live.js';

const q = $('q');
const found = $('found');
let options = [];
let active = -1;
let asked;

/** Wires it; `choose(code)` is called with what was taken. */
export function search(base, choose) {
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

  function take(index) {
    const option = options[index];
    if (!option) return;
    close();
    q.value = '';
    choose(option.code);
  }

  async function look() {
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
  q.addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(look, 120); });
  q.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      if (!found.hidden) take(active);
    } else if (event.key === 'Escape') close();
    else if (!found.hidden && options.length && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      mark((active + (event.key === 'ArrowDown' ? 1 : options.length - 1)) % options.length);
    }
  });
  q.addEventListener('blur', () => setTimeout(close, 150));
  found.addEventListener('mousedown', (event) => event.preventDefault());
  found.addEventListener('click', (event) => take([...found.children].indexOf(event.target.closest('li'))));
}
