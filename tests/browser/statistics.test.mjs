// What the manager sees of days: pictures, tables, files, and the dossiers behind every number.
import assert from 'node:assert/strict';

import { Desk } from './lib/desk.mjs';
import { eventually, link, tabTo } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { accessibility, plain } from './lib/screens.mjs';

const accessible = async (page, what) => assert.deepEqual(await accessibility(page), [], what);
const page = (centre, query = '') => new URL(`/manager/statistics${query}`, centre.urls.manager).href;

/** Two procedures at different ends: one done, one waiting for papers, one at the desk. */
async function lived(centre) {
  const desk = await Desk.open(await link(centre, 'desk/1'));
  const [done, asked] = [await desk.receive('tách thửa'), await desk.receive('đăng ký')];
  await desk.receive('tách thửa');
  for (const dossier of [done, asked]) await desk.move(dossier, 'forward');
  await desk.move(done, 'complete');
  await desk.move(asked, 'ask-supplement', { reason: 'Thiếu bản vẽ', papers: [{ name: 'Bản vẽ mặt bằng', originals: 1, certified: 0, copies: 0 }] });
  return desk;
}

test('figures of days are drawn, read aloud, followed to their dossiers and taken away as files', async ({ screens, centre: started }) => {
  const centre = await started();
  const manager = await screens.open(centre.urls.manager, 'desk');
  await manager.goto(page(centre, '?range=today'));
  await manager.locator('.panels .empty').first().waitFor();
  await accessible(manager, 'nothing yet');

  await lived(centre);
  await eventually(async () => { await manager.reload(); return (await manager.locator('svg.bars').count()) === 5; });
  await accessible(manager, 'figures of today');
  const drawn = await manager.locator('#departments-desc').textContent();
  assert.match(drawn, /trước hạn 1, đúng hạn 0, quá hạn 0/);
  // Each number leads to a list of exactly so many.
  const figures = await manager.locator('.tiles a, .panels td a').evaluateAll((links) => links.map((one) => [one.href, Number(one.textContent)]));
  assert.ok(figures.length >= 8, JSON.stringify(figures));
  for (const [href, count] of figures) {
    await manager.goto(href);
    assert.equal(plain(await manager.locator('main > p.muted').textContent()), `${count} hồ sơ`, href);
  }
  // Other days by keyboard; nothing of what was typed is lost where they are none.
  await manager.goto(page(centre));
  await tabTo(manager, '[name="range"]');
  for (let step = 0; step < 4 && (await manager.locator('[name="range"]:checked').inputValue()) !== 'custom'; step += 1) await manager.keyboard.press('ArrowRight');
  await manager.locator('[name="first"]').fill('2026-11-30');
  await manager.locator('[name="last"]').fill('2026-11-01');
  await tabTo(manager, '.range .go');
  await manager.keyboard.press('Enter');
  await manager.locator('.refused', { hasText: 'Ngày cuối phải không trước ngày đầu' }).waitFor();
  assert.equal(await manager.locator('[name="first"]').inputValue(), '2026-11-30');
  await accessible(manager, 'days that are none');
  await manager.goto(page(centre, '?range=custom&first=2020-01-01&last=2020-01-31'));
  await manager.locator('.empty', { hasText: 'chưa tiếp nhận hồ sơ nào' }).waitFor();

  await manager.goto(page(centre, '?range=today'));
  for (const address of await manager.locator('.panels .head a').evaluateAll((links) => links.map((one) => one.href))) {
    const file = await manager.request.get(address);
    assert.equal(file.status(), 200, address);
    assert.deepEqual([...(await file.body()).subarray(0, 3)], [0xef, 0xbb, 0xbf], address);
  }
  const narrow = await screens.open(await link(centre, 'manager'), 'phone');
  await narrow.goto(page(centre, '?range=today'));
  await narrow.locator('svg.bars').first().waitFor();
  assert.ok(await narrow.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no bar to scroll sideways');
  await accessible(narrow, 'on a narrow screen');
});
