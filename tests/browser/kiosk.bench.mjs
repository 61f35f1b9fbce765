// node kiosk.bench.mjs: what a board's page weighs, and how soon a kiosk answers a finger on a processor six times slower, as
// tests/bench/run prints it.
import { Centre } from './lib/centre.mjs';
import { hall } from './lib/hall.mjs';
import { launch, Screens } from './lib/screens.mjs';

const TAPS = Number(process.env.MOTCUA_BENCH_TAPS ?? 30);
const SLOWER = 6;
const browser = await launch();
const screens = new Screens(browser);
const centre = await Centre.start();

/** Kilobytes that a page fetches before it is whole, its own fonts included. */
async function weight(url) {
  const page = await screens.open(url, 'board');
  const session = await page.context().newCDPSession(page);
  const bytes = new Map();
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  session.on('Network.responseReceived', ({ requestId, type }) => { if (type !== 'EventSource') bytes.set(requestId, 0); });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => { if (bytes.has(requestId)) bytes.set(requestId, encodedDataLength); });
  await page.reload({ waitUntil: 'load' });
  await page.evaluate(() => document.fonts.ready);
  return [...bytes.values()].reduce((sum, one) => sum + one, 0) / 1000;
}

/** Milliseconds from the finger to the next painted screen, at each step of the way to a number. */
async function taps() {
  const page = await screens.open(centre.urls.kiosk, 'kiosk');
  await page.locator('.tile').first().waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await page.evaluate(() => {
    globalThis.took = [];
    let from;
    addEventListener('pointerdown', ({ timeStamp }) => { from = timeStamp; }, true);
    new MutationObserver(() => requestAnimationFrame(() => requestAnimationFrame((at) => globalThis.took.push(at - from))))
      .observe(document.querySelector('#kiosk'), { attributes: true, attributeFilter: ['data-at'] });
  });
  const step = async (selector, screen) => {
    await page.locator(selector).first().tap();
    await page.locator(`#kiosk[data-at="${screen}"]`).waitFor();
  };
  for (let n = 0; n < TAPS; n += 1) {
    await step('.tile', 'tasks');
    await step('#tasks-any', 'confirm');
    await step('#confirm .back', 'tasks');
    await step('#tasks .back', 'home');
  }
  await page.waitForFunction((all) => globalThis.took.length >= all, TAPS * 4);
  return (await page.evaluate(() => globalThis.took)).sort((a, b) => a - b);
}

try {
  await hall(centre);
  const board = await weight(centre.urls.board);
  console.log(`board page, all in\t${board.toFixed(1)} KB\tlimit 100 KB`);
  const took = await taps();
  const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))].toFixed(0);
  console.log(`tap → next screen, ${SLOWER}× slower\tp50 ${at(0.5)} ms\tp99 ${at(0.99)} ms\t${took.length} taps\tlimit 200 ms`);
} finally {
  await screens.close();
  await browser.close();
  await centre.stop();
}
