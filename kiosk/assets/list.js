// A list of procedures that loads page by page, with two large keys for hands that do not swipe.
import { byId, paint } from './live.js';
import { pager } from './pager.js';
import { say } from './lang.js';
import * as api from './api.js';

const PAGE = 24;

// `away` opens what is received elsewhere; those rows stand before or after the procedures, as the words fit them. `first`
// gives the rows that come before all for what was typed.
export function list(screen, rows, note, open, words, away = () => {}, first = () => []) {
  let query = null, items = [], others = [], othersFirst = false, total = 0, asked = 0, loading = false;

  const count = () => total + others.length + first(query?.q ?? '').length;
  const clear = () => { query = null; items = []; others = []; total = 0; asked += 1; draw(); };

  // Answers to an older question are dropped. Returns how many match.
  async function load(next) {
    const mine = ++asked;
    query = next;
    try {
      const page = await api.find({ ...next, limit: PAGE });
      if (mine !== asked) return count();
      if (!page.ready) { setTimeout(() => { if (mine === asked) load(next); }, 700); return 1; }
      ({ total } = page);
      items = page.procedures;
      others = page.referrals;
      othersFirst = page.referrals_first;
      rows.scrollTop = 0;
      draw();
    } catch {
      if (mine === asked) note.textContent = `${say('offline')} ${say('offline.ask')}`;
      return 1;
    }
    return count();
  }

  async function more() {
    if (loading || items.length >= total) return;
    loading = true;
    const mine = asked;
    const page = await api.find({ ...query, limit: PAGE, offset: items.length }).catch(() => null);
    loading = false;
    if (!page || mine !== asked) return;
    items = items.concat(page.procedures);
    rows.append(...page.procedures.map(row));
    if (!othersFirst) rows.append(...others.map(other));
    keys();
  }

  function row(item) {
    const line = byId('row').content.cloneNode(true);
    const letter = line.querySelector('.letter'), badge = line.querySelector('.badge');
    letter.textContent = item.reception === 'received' ? item.area?.letter ?? '' : '';
    if (item.area) paint(letter, item.area.colour);
    line.querySelector('.name').textContent = item.name;
    const text = label(item);
    badge.hidden = !text; badge.textContent = text;
    line.querySelector('button').addEventListener('click', () => open(item.code));
    return line;
  }

  function other(item) {
    const line = byId('row').content.cloneNode(true);
    line.querySelector('.letter').textContent = '';
    line.querySelector('.name').textContent = item.name;
    const badge = line.querySelector('.badge');
    badge.hidden = false; badge.textContent = say('elsewhere.badge', { office: item.office });
    line.querySelector('button').addEventListener('click', () => away(item));
    return line;
  }

  function draw() {
    const here = items.map(row), away = others.map(other), before = first(query?.q ?? '');
    rows.replaceChildren(...before, ...(othersFirst ? [...away, ...here] : [...here, ...away]));
    const all = count();
    note.textContent = !query ? words.start() : all === 0 ? words.empty() : words.some(all);
    keys();
  }

  const keys = pager(rows, screen.querySelectorAll('[data-page]'), () => items.length >= total);
  rows.addEventListener('scroll', () => { if (rows.scrollTop + 2 * rows.clientHeight > rows.scrollHeight) more(); });
  return { load, clear, draw };
}

function label(item) {
  if (item.reception === 'at_agency') return item.agency_office ? say('elsewhere.badge', { office: item.agency_office }) : say('elsewhere.badge.short');
  if (item.reception === 'planned') return item.start_date ? say('planned.badge', { date: item.start_date }) : say('planned.badge.short');
  return '';
}
