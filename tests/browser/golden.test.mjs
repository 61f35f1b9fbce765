// Every screen of kiosk and board as somebody has looked at it, at the real sizes: 32" standing and 21.5" lying, in every
// language and size; and what hands and eyes need of each.
import assert from 'node:assert/strict';

import { audit } from './lib/audit.mjs';
import { Gallery } from './lib/gallery.mjs';
import { eventually } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { sizes } from './lib/sizes.mjs';
import { settled, Stage } from './lib/stage.mjs';

const LANGUAGES = ['vi', 'km', 'en'];
/** In the place of a code, which is another one for each ticket. */
const CODE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path fill="#fff" d="M0 0h9v9H0z"/><path d="M1 1h3v3H1zM5 1h3v3H5zM1 5h3v3H1zM6 6h1v1H6z"/></svg>';
/** A row of what is received here. */
const HERE = '#found li:has(.badge[hidden]) button';
const code = (body) => JSON.stringify(body);
const fulfil = (body) => ({ status: 200, contentType: 'application/json', body: code(body) });

/** The touch screens one after the other, each in the state that its name says. */
async function* walk(page, stage, big, lang) {
  const at = (id) => page.locator(`#kiosk[data-at="${id}"]`).waitFor();
  const tap = (selector) => page.locator(selector).first().click();
  const home = async () => {
    await page.goto(stage.url);
    await page.locator('.tile .wait span').first().waitFor();
    if (lang !== 'vi') await tap(`[data-lang="${lang}"]`);
    if (big) await tap('#big');
    await settled(page);
  };
  const find = async (words) => {
    await page.locator('#query').fill(words);
    await page.locator('#found li button, #search-guidance:visible').first().waitFor();
  };
  const answers = { tickets: stage.given(), scan: null };
  await page.route('**/api/tickets', (route) => route.fulfill(fulfil(answers.tickets)));
  await page.route('**/qr.svg', (route) => route.fulfill({ status: 200, contentType: 'image/svg+xml', body: CODE }));
  await page.route('**/api/scan', (route) => route.fulfill(fulfil(answers.scan)));
  await page.route('**/api/searches/missed', (route) => route.fulfill(fulfil({ printed: false })));

  await home();
  yield 'home';
  const { areas } = stage.now;
  stage.set({ reachable: false, printer: { ready: true, near_end: true, reason: '', message: '' }, areas: areas.map((area, n) => ({ ...area, spare: n !== 0, again: n === 1 ? '07:00, 24/11' : null })) });
  await page.locator('#alone').waitFor();
  await eventually(async () => (await page.locator('.tile.out').count()) === 2);
  yield 'home-alone';
  stage.set({ reachable: true, areas, opening: { open: false, text: 'Nghỉ trưa đến 13:00. Số vẫn giữ nguyên.', simulated: false, next: '2026-11-23T06:00:00Z', zone: 'Asia/Ho_Chi_Minh' }, printer: { ready: false, near_end: false, reason: 'PRINTER_PAPER_OUT', message: '' } });
  await page.locator('#closed').waitFor();
  yield 'home-closed';
  stage.set({ opening: { open: true, text: '', simulated: false }, printer: { ready: true, near_end: false, reason: '', message: '' } });
  await page.locator('#closed').waitFor({ state: 'hidden' });
  const device = await page.evaluate(() => fetch('/api/device').then((answer) => answer.json()));
  await tap('#help');
  yield 'help';
  // The machine knows of a call once it was made: it is asked at any moment.
  let help = 'none';
  await page.route(/api\/(device|help)$/, (route) => {
    if (route.request().url().endsWith('help')) help = 'called';
    return route.fulfill(fulfil({ ...device, help }));
  });
  await tap('#help-yes');
  await page.locator('#help-off:visible').waitFor();
  yield 'help-called';
  await page.unroute(/api\/(device|help)$/);

  await home();
  await tap('.find');
  await find('dang ky bien dong');
  yield 'search';
  await find('nuoi rong');
  await page.locator('#search-guidance').waitFor();
  yield 'search-empty';
  await find('lam can cuoc');
  await tap('#found li button');
  await at('elsewhere');
  yield 'elsewhere';

  await home();
  await page.locator('.tile').last().click();
  await page.locator('#task-list li button').first().waitFor();
  yield 'errands';
  await tap('#task-list button');
  await at('scan');
  yield 'errand';

  await home();
  await tap('.tile');
  await page.locator('#task-list li button').first().waitFor();
  yield 'tasks';
  await tap('#task-list li:has(.badge[hidden]) button');
  await at('confirm');
  yield 'confirm';
  await tap('#priority-row');
  await at('priority');
  yield 'priority';
  await tap('#priority .back');
  await tap('#visit-add');
  await find('hanh nghe cong chung');
  await tap(HERE);
  await at('confirm');
  await tap('#visit-add');
  await find('thanh lap cong ty');
  await tap(HERE);
  await eventually(async () => (await page.locator('#papers li.of').count()) === 3);
  yield 'visit';
  const errands = [areas[0], areas[1], areas[3]].map((area, n) => ({ area, name: `Thủ tục mẫu thứ ${n + 1} với tên dài vừa hai dòng trên màn hình` }));
  answers.tickets = stage.given({ errands, left_out: [] });
  await tap('#take');
  await at('done');
  await page.evaluate(() => { document.querySelector('#done-home').textContent = ''; });
  yield 'done-visit';

  const give = async (given) => {
    await home();
    answers.tickets = given;
    await tap('.tile');
    await tap('#tasks-any');
    await tap('#take');
    await at('done');
    await page.evaluate(() => { document.querySelector('#done-home').textContent = ''; });
  };
  await give(stage.given());
  yield 'done';
  await give(stage.given({ printed: false, left_out: ['Cấp phiếu lý lịch tư pháp'] }));
  yield 'done-paperless';

  await home();
  answers.scan = { kind: 'receipt.supplement', title: 'scan.receipt.supplement', text: 'scan.receipt.bring', values: { code: 'H61…0001', holder: 'Sở Tài nguyên và Môi trường', date: 'Thứ Hai, 07/12/2026', state: '' }, said: 'Mời ông/bà mang giấy hẹn và giấy tờ còn thiếu đến bộ phận Một cửa.', offer: { queue_id: 'huong-dan', priority_class: '', words: 'scan.take.supplement' }, priority: null, given: null };
  await page.keyboard.type('https://motcua.example.vn/d/maumaumaumaumaumaumaum\n');
  await at('scan');
  yield 'scan';
  await page.evaluate(() => {
    // Nobody has touched it for a minute; the count begins and stands still.
    const now = performance.now.bind(performance);
    performance.now = () => now() + 60_000;
    globalThis.setInterval = () => 0;
  });
  await page.locator('#idle[open]').waitFor();
  yield 'idle';
  await home();
  await page.route('**/api/tickets', (route) => route.fulfill({ status: 409, contentType: 'application/json', body: code({ reason: 'QUOTA_REACHED', message: 'Hôm nay việc này đã hết số. Mời trở lại 07:00 Thứ Tư, 25/11.', metadata: { open_time: '2026-11-25T00:00:00Z' } }) }));
  await tap('.tile');
  await tap('#tasks-any');
  await tap('#take');
  await at('failed');
  yield 'failed';
  await page.unrouteAll();
}

const each = [['kiosk', '32'], ['board', '21']].flatMap((glass) => [false, true].flatMap((big) => LANGUAGES.map((lang) => [...glass, big, lang])));
for (const [viewport, glass, big, lang] of each) {
  test(`every touch screen on ${glass} inches in ${lang}, ${big ? 'large' : 'normal'}, is as it was looked at`, async ({ screens, centre: started }) => {
    screens.allow(/409|INCOMPLETE_CHUNKED/);
    const stage = screens.served(await Stage.open(await started()));
    const gallery = await Gallery.open(screens);
    const wrong = [];
    const page = await screens.open('about:blank', viewport, { hasTouch: true });
    for await (const screen of walk(page, stage, big, lang)) {
      const name = `kiosk-${glass}-${screen}-${lang}${big ? '-large' : ''}`;
      await settled(page);
      await gallery.check(page, name);
      wrong.push(...(await sizes(page, big)).map((what) => `${name}: ${what}`));
      await audit(page, name).catch((error) => wrong.push(`${name}: ${error.actual?.join?.(', ') ?? error.message}`));
    }
    assert.deepEqual([...wrong, ...gallery.wrong], []);
  });
}

test('every layout of the board is as it was looked at', async ({ screens, centre: started }) => {
  const stage = screens.served(await Stage.open(await started()));
  const gallery = await Gallery.open(screens);
  const halls = stage.now.halls.map(({ id }) => id);
  const layouts = [halls.slice(0, 1), halls, [...halls, ...halls]];
  const page = await screens.open('about:blank', 'board');
  const { hero, rows } = stage;
  for (const layout of layouts) {
    const sent = rows.map((row, n) => (n === 1 ? { ...row, to: 'A' } : row));
    for (const [state, play] of Object.entries({ called: { hero, rows }, sent: { hero, rows: sent }, empty: { hero: null, rows: [] } })) {
      Object.assign(stage, play);
      await page.goto(`${stage.url}/board/${layout.join(',')}?sound=off`);
      await settled(page);
      await page.locator(play.hero ? `.hero[data-ticket="${play.hero.number}"]` : '.none').first().waitFor();
      await gallery.check(page, `board-${layout.length}-${state}`);
      await audit(page, `board of ${layout.length}, ${state}`, { wall: true });
    }
  }
  assert.deepEqual(gallery.wrong, []);
});

test('a picture is the same twice and another one once a digit, a colour or a place is', async ({ screens, centre: started }) => {
  const stage = screens.served(await Stage.open(await started()));
  const gallery = await Gallery.open(screens);
  const page = await screens.open(stage.url, 'board', { hasTouch: true });
  await page.locator('.tile .wait span').first().waitFor();
  await settled(page);
  const kept = await gallery.picture(page);
  assert.equal(await gallery.distance(page, kept), 0);
  const changes = {
    digit: () => { document.querySelector('.tile .wait span').textContent = document.querySelector('.tile .wait span').textContent.replace('7', '8'); },
    colour: () => { document.querySelector('.tile .letter').style.setProperty('--area', '#8F5D1D'); },
    place: () => { document.querySelector('.find').style.transform = 'translateX(12px)'; },
    word: () => { document.querySelector('#home h1').textContent = 'Kính chào ông/bà. Ông/bà muốn làm việc gì?'; },
  };
  for (const [what, change] of Object.entries(changes)) {
    await page.reload();
    await page.locator('.tile .wait span').first().waitFor();
    await settled(page);
    assert.ok(Gallery.same(await gallery.distance(page, kept)), `before another ${what}`);
    await page.evaluate(change);
    const distance = await gallery.distance(page, kept);
    assert.ok(!Gallery.same(distance), `another ${what} is not seen: ${distance}`);
  }
});
