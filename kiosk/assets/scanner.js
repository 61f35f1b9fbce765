// A scanner types as a keyboard does, only faster than any hand: a burst of keys is a code, wherever the focus is.
const FAST_MS = 45, BURST = 4, LEAST = 6, PAUSE_MS = 150;

export function scanner(onCode) {
  let keys = [], last = 0, timer, field = null, before = '';
  const finish = () => {
    clearTimeout(timer);
    const code = keys.join('');
    keys = [];
    if (code.length >= LEAST) onCode(code);
  };
  // What its first keys wrote before they were known for a burst.
  const restore = () => {
    if (!field || field.value === before) return;
    field.value = before;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const now = performance.now(), fast = now - last < FAST_MS, end = event.key === 'Enter' || event.key === 'Tab';
    if (!fast && !end) {
      keys = [];
      field = document.activeElement instanceof HTMLInputElement ? document.activeElement : null;
      before = field?.value ?? '';
    }
    last = now;
    const burst = fast && keys.length + 1 >= BURST;
    if (!end && [...event.key].length === 1) keys.push(event.key);
    if (!burst) return;
    event.preventDefault();
    event.stopPropagation();
    restore();
    if (end) { finish(); return; }
    clearTimeout(timer);
    timer = setTimeout(finish, PAUSE_MS);
  }, true);
}
