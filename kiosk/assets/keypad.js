// A kiosk has no keyboard. Plain letters only: marks are not needed to find a procedure.
const LINES = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

export function keypad(into, input, words) {
  const press = (change) => { input.value = change(input.value).slice(0, 80); input.dispatchEvent(new Event('input', { bubbles: true })); };
  const key = (label, change, long) => {
    const button = document.createElement('button');
    button.type = 'button'; button.tabIndex = -1; button.textContent = label;
    if (long) { button.className = 'long'; button.dataset.t = long; }
    // The field keeps the focus, so that a real keyboard goes on working.
    button.addEventListener('pointerdown', (event) => event.preventDefault());
    button.addEventListener('click', () => press(change));
    return button;
  };
  const line = (keys) => { const div = document.createElement('div'); div.append(...keys); return div; };
  into.replaceChildren(
    ...LINES.map((letters) => line([...letters].map((letter) => key(letter, (value) => value + letter)))),
    line([
      key(words('key.clear'), () => '', 'key.clear'),
      key(words('key.space'), (value) => (value === '' || value.endsWith(' ') ? value : value + ' '), 'key.space'),
      key(words('key.delete'), (value) => value.slice(0, -1), 'key.delete'),
    ]),
  );
}
