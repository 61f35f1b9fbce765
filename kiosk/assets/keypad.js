// A kiosk has no keyboard. Plain letters find every procedure; who wants to see marks switches Telex on.
import { telex } from './telex.js';

const LINES = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/** Fills the pad; the answer takes marks off again, for the next person. */
export function keypad(into, input, words) {
  let marks = false;
  const press = (change) => { input.value = change(input.value).slice(0, 80); input.dispatchEvent(new Event('input', { bubbles: true })); };
  const button = (label, act, long) => {
    const button = document.createElement('button');
    button.type = 'button'; button.tabIndex = -1; button.textContent = label;
    if (long) { button.className = 'long'; button.dataset.t = long; }
    // The field keeps the focus, so that a real keyboard goes on working.
    button.addEventListener('pointerdown', (event) => event.preventDefault());
    button.addEventListener('click', act);
    return button;
  };
  const key = (label, change, long) => button(label, () => press(change), long);
  const line = (keys) => { const div = document.createElement('div'); div.append(...keys); return div; };
  const letters = LINES.map((line) => [...line].map((letter) => key(letter, (value) => (marks ? telex(value, letter) : value + letter))));
  const set = (on) => { marks = on; toggle.setAttribute('aria-pressed', String(on)); };
  const toggle = button(words('key.telex'), () => set(!marks), 'key.telex');
  letters.at(-1).push(toggle);
  set(false);
  into.replaceChildren(
    ...letters.map(line),
    line([
      key(words('key.clear'), () => '', 'key.clear'),
      key(words('key.space'), (value) => (value === '' || value.endsWith(' ') ? value : value + ' '), 'key.space'),
      key(words('key.delete'), (value) => value.slice(0, -1), 'key.delete'),
    ]),
  );
  return () => set(false);
}
