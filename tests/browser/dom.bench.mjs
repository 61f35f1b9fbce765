// node dom.bench.mjs: from the press at the counter (HTTP) to the number in the board's page, as tests/bench/run prints it.
import { Centre } from './lib/centre.mjs';
import { Desk } from './lib/desk.mjs';
import { hall, issue } from './lib/hall.mjs';
import { launch, Screens } from './lib/screens.mjs';

const CALLS = Number(process.env.MOTCUA_BENCH_CALLS ?? 200);
const browser = await launch();
const screens = new Screens(browser);
const centre = await Centre.start();
try {
  const { areas } = await hall(centre);
  const desk = await Desk.open(centre.urls.console);
  for (let n = 0; n < CALLS; n += 1) await issue(centre, { area_id: areas[0].id });
  const page = await screens.open(`${centre.urls.board}?sound=off`, 'board', { reducedMotion: 'no-preference' });
  await page.locator('.hero').waitFor();
  await page.evaluate(() => {
    const hero = document.querySelector('.hero');
    globalThis.seen = [];
    new MutationObserver(() => globalThis.seen.push([hero.dataset.ticket, performance.timeOrigin + performance.now()]))
      .observe(hero, { attributes: true, attributeFilter: ['data-ticket'] });
  });
  const pressed = [];
  for (let n = 0; n < CALLS; n += 1) {
    pressed.push(performance.timeOrigin + performance.now());
    await desk.call();
    await page.waitForFunction((wanted) => globalThis.seen.length >= wanted, n + 1);
  }
  const seen = await page.evaluate(() => globalThis.seen);
  const took = seen.map(([, at], n) => at - pressed[n]).sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))].toFixed(1);
  console.log(`call → board's DOM\tsqlite\tp50 ${at(0.5)} ms\tp99 ${at(0.99)} ms\t${took.length} calls\tlimit 100 ms`);
} finally {
  await screens.close();
  await browser.close();
  await centre.stop();
}
