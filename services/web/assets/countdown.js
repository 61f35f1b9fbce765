// What runs out: `data-left` is milliseconds from when the server wrote it; `data-count` inside shows what is left.

const shown = (kind, ms) => {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return kind === 'clock' ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}` : String(seconds);
};

/** Reads every `data-left` on the page; call it after each patch. */
export function count() {
  const now = performance.now();
  for (const element of document.querySelectorAll('[data-left]')) {
    if (element.left !== element.dataset.left) {
      element.left = element.dataset.left;
      element.dueAt = now + Number(element.left);
    }
    const left = element.dueAt - now;
    const text = element.querySelector('[data-count]');
    const words = text && shown(text.dataset.count, left);
    if (text && text.textContent !== words) text.textContent = words;
    if (left <= 0 && element.matches('button')) element.hidden = true;
    element.classList.toggle('over', left <= 0);
  }
}

setInterval(count, 250);
