// What every screen must keep: nothing that axe finds, a contrast of 7, nothing cut off, no bar to scroll sideways, every
// glyph from our own fonts.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const AXE = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
const FONTS = ['Be Vietnam Pro', 'Noto Sans Khmer'];

// Every finding, whatever its weight; of contrast the strictest rule, for large words too.
function findings() {
  const seven = { expected: 7 };
  globalThis.axe.configure({ checks: [{ id: 'color-contrast-enhanced', options: { contrastRatio: { normal: seven, large: seven } } }] });
  return globalThis.axe.run({ rules: { 'color-contrast-enhanced': { enabled: true } } })
    .then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, any }) => `${target.join(' ')} ${any[0]?.message ?? ''}`).join(', ')}`));
}

// Words that do not fit where they stand, or stand outside the window of a screen that nobody scrolls.
function cut(wall) {
  const unseen = (element) => element !== null && (getComputedStyle(element).clipPath === 'inset(50%)' || unseen(element.parentElement));
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push(`sideways: ${document.documentElement.scrollWidth} of ${innerWidth}`);
  for (const element of document.querySelectorAll('body *')) {
    const words = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!words || !element.checkVisibility({ visibilityProperty: true }) || unseen(element)) continue;
    let box = element.getBoundingClientRect();
    const name = `${element.tagName.toLowerCase()}.${element.className} "${element.textContent.trim().slice(0, 30)}"`;
    if (box.right > innerWidth + 1 || box.left < -1) found.push(`beside the window: ${name}`);
    if (wall && (box.bottom > innerHeight + 1 || box.top < -1)) found.push(`below the window: ${name}`);
    for (let around = element; around && around !== document.body; around = around.parentElement) {
      const style = getComputedStyle(around), hides = [style.overflowX, style.overflowY].some((how) => how !== 'visible');
      const frame = around.getBoundingClientRect();
      // Beside a list that is turned by keys there is no more to see than the list itself.
      if (around.matches('[data-paged]')) { if (box.right <= frame.right + 1 && box.left >= frame.left - 1) box = frame; }
      if (hides && (box.right > frame.right + 1 || box.left < frame.left - 1 || box.bottom > frame.bottom + 1 || box.top < frame.top - 1)) {
        found.push(`cut by ${around.className}: ${name}`);
      }
    }
  }
  return found;
}

async function strangers(page) {
  const session = await page.context().newCDPSession(page);
  try {
    await session.send('DOM.enable');
    await session.send('CSS.enable');
    const { root } = await session.send('DOM.getDocument', { depth: 0 });
    const { nodeIds } = await session.send('DOM.querySelectorAll', { nodeId: root.nodeId, selector: 'body *' });
    const used = await Promise.all(nodeIds.map((nodeId) => session.send('CSS.getPlatformFontsForNode', { nodeId })));
    const fonts = used.flatMap(({ fonts }) => fonts).filter(({ glyphCount }) => glyphCount > 0);
    return [...new Set(fonts.filter(({ familyName, isCustomFont }) => !isCustomFont || !FONTS.some((own) => familyName.startsWith(own))).map(({ familyName }) => familyName))];
  } finally {
    await session.detach();
  }
}

/** Fails with all that is wrong; `wall`: a screen that nobody scrolls. */
export async function audit(page, what, { wall = false } = {}) {
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(AXE);
  const wrong = [
    ...(await page.evaluate(findings)),
    ...(await page.evaluate(cut, wall)),
    ...(await strangers(page)).map((font) => `a glyph from ${font}`),
  ];
  assert.deepEqual(wrong, [], what);
}
