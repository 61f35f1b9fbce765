// What a hand and an eye need of a kiosk's screen, in millimetres of its glass.
const TARGET_MM = 20, GAP_MM = 5, REACH_MM = 220, CAPITAL_MM = { normal: 4.8, large: 7.4 };
/** Capitals of the font, as a share of its size. */
const CAPITALS = 0.7;

function tooSmall({ target, gap, reach, capital, capitals }) {
  const ruler = document.createElement('div');
  ruler.style.cssText = 'position:fixed;width:calc(var(--mm) * 100);height:0;visibility:hidden';
  document.body.append(ruler);
  const mm = ruler.getBoundingClientRect().width / 100;
  ruler.remove();
  const unseen = (element) => element !== null && (getComputedStyle(element).clipPath === 'inset(50%)' || unseen(element.parentElement));
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.ribbon, code') && !unseen(element);
  // A dialog covers the rest.
  const root = document.querySelector('dialog[open]') ?? document.body;
  const named = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}.${element.className?.baseVal ?? element.className} "${element.textContent.trim().slice(0, 24)}"`;
  const found = [], targets = [];
  for (const element of root.querySelectorAll('button, a[href], input, [role="button"]')) {
    if (!shown(element)) continue;
    const { width, height } = element.getBoundingClientRect();
    if (element.scrollHeight > element.clientHeight + 2) found.push(`words stick out of ${named(element)}`);
    const least = Math.min(width, height) / mm;
    if (least < target - 0.1) found.push(`a target of ${least.toFixed(1)} mm: ${named(element)}`);
    // Of a list that is turned by keys the part that is seen.
    const list = element.closest('[data-paged]')?.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const [top, bottom] = list ? [Math.max(box.top, list.top), Math.min(box.bottom, list.bottom)] : [box.top, box.bottom];
    if (bottom <= top) continue;
    targets.push([element, { left: box.left, right: box.right, top, bottom }]);
    const high = (innerHeight - top) / mm;
    if (innerHeight > innerWidth && high > reach + 0.5) found.push(`${high.toFixed(0)} mm above the foot: ${named(element)}`);
  }
  for (const [at, [one, a]] of targets.entries()) {
    for (const [other, b] of targets.slice(at + 1)) {
      const apart = Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom) / mm;
      if (apart < gap - 0.1) found.push(`${apart.toFixed(1)} mm between ${named(one)} and ${named(other)}`);
    }
  }
  for (const element of [root, ...root.querySelectorAll('*')]) {
    const words = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!words || !shown(element)) continue;
    const high = (parseFloat(getComputedStyle(element).fontSize) * capitals) / mm;
    if (high < capital - 0.05) found.push(`capitals of ${high.toFixed(1)} mm: ${named(element)}`);
  }
  // What stands before a word: a bar that stays where it is while the rest moves.
  const within = { width: innerWidth, height: innerHeight };
  for (const element of root.querySelectorAll('*')) {
    const words = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!words || !shown(element) || element.closest('[data-paged]')) continue;
    const box = element.getBoundingClientRect(), x = (box.left + box.right) / 2;
    for (const y of [box.top + 2, box.bottom - 2]) {
      const before = x > 0 && x < within.width && y > 0 && y < within.height ? document.elementFromPoint(x, y) : element;
      // Lines of text may touch; a control may not stand before one.
      if (before?.closest('button, .acts, footer, .pager') && !element.contains(before) && !before.contains(element)) found.push(`covered by ${named(before)}: ${named(element)}`);
    }
  }
  return [...new Set(found)];
}

/** What is too small on a kiosk's screen; `big`: in large text. */
export const sizes = (page, big) => page.evaluate(tooSmall, { target: TARGET_MM, gap: GAP_MM, reach: REACH_MM, capital: big ? CAPITAL_MM.large : CAPITAL_MM.normal, capitals: CAPITALS });
