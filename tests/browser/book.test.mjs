// Report II.06a and the book: a day is received, read, closed, and opened cell by cell.
import assert from 'node:assert/strict';

import { received } from './lib/dossiers.mjs';
import { eventually, link, tabTo } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { accessibility, plain } from './lib/screens.mjs';

// An hour a second: the day is over while the test looks.
const FAST = { clock: '2026-11-23T08:00:00+07:00x3600' };
const DAY = 'first=2026-11-23&last=2026-11-23';
const accessible = async (page, what) => assert.deepEqual(await accessibility(page), [], what);
const at = (page, path) => new URL(path, page.url()).href;
const words = async (page, selector) => plain(await page.locator(selector).first().textContent());

async function file(page, path) {
  const answer = await page.request.get(at(page, path));
  assert.equal(answer.status(), 200, path);
  assert.match(answer.headers()['content-disposition'], /^attachment; filename\*=UTF-8''/);
  return answer.body();
}

test('the book of a day is read, narrowed and taken away as a file', async ({ screens, centre: started }) => {
  const centre = await started(FAST);
  const { page, dossier } = await received(screens, centre, 'Nguyễn Thị Sổ Sách');
  await received(screens, centre, 'Thạch Sa Rây');
  await page.goto(at(page, `/register?${DAY}`));
  await page.locator('table.register tbody tr').nth(1).waitFor();
  assert.match(await words(page, 'table.register tbody tr'), /Nguyễn Thị Sổ Sách.*23\/11\/2026.*Tại Trung tâm/);
  await accessible(page, 'the book');
  const csv = (await file(page, `/register/so-theo-doi.csv?${DAY}`)).toString('utf8');
  assert.ok(csv.includes(dossier.code) && csv.includes('"Nguyễn Thị Sổ Sách"'), csv);
  assert.equal((await file(page, `/register/so-theo-doi.pdf?${DAY}`)).subarray(0, 5).toString(), '%PDF-');
  assert.equal((await file(page, `/register/so-theo-doi.xlsx?${DAY}`)).subarray(0, 2).toString(), 'PK');

  // By keyboard: another department, where nothing was received.
  await tabTo(page, 'select[name="department"]');
  await page.locator('select[name="department"]').selectOption({ index: 1 });
  const chosen = await page.locator('select[name="department"]').inputValue();
  if ((await words(page, 'table.register tbody tr')).includes(chosen)) await page.locator('select[name="department"]').selectOption({ index: 2 });
  await tabTo(page, '.filter button');
  await page.keyboard.press('Enter');
  await page.locator('.empty', { hasText: 'Không có hồ sơ nào được tiếp nhận' }).waitFor();
  await accessible(page, 'a book without a line');
  screens.allow(/422|404|403/);
  for (const [query, said] of [['first=2026-11-24&last=2026-11-23', 'Ngày cuối không được trước ngày đầu'], ['first=2026-01-01&last=2026-11-23', '92 ngày'], ['first=mai&last=2026-11-23', 'NĂM-THÁNG-NGÀY']]) {
    await page.goto(at(page, `/register?${query}`));
    await page.locator('.refused', { hasText: said }).waitFor();
    await accessible(page, `days that cannot be: ${query}`);
  }
  // A file of nothing is a page that says so, not a file.
  const nothing = await page.request.get(at(page, '/register/so-theo-doi.pdf?first=2020-01-01&last=2020-01-02'));
  assert.equal(nothing.status(), 422);
  assert.match(plain(await nothing.text()), /không có hồ sơ nào để xuất sổ/);
  // The report is the manager's.
  assert.equal((await page.request.get(at(page, '/reports'))).status(), 403);
});

test('a period is closed once, says by whom, and each figure opens its dossiers', async ({ screens, centre: started }) => {
  const centre = await started(FAST);
  await received(screens, centre, 'Lê Văn Báo Cáo');
  const page = await screens.open(await link(centre, 'manager'), 'desk');
  await page.goto(at(page, '/reports'));
  await page.locator('.standing', { hasText: 'Kỳ chưa kết thúc' }).waitFor();
  assert.match(await words(page, '.standing .span'), /từ ngày 01\/11\/2026 đến hết ngày 30\/11\/2026/);
  await accessible(page, 'a period that still runs');
  const close = page.getByRole('button', { name: 'Chốt kỳ báo cáo' });
  await eventually(async () => {
    await page.goto(at(page, `/reports?${DAY}`));
    return close.isVisible();
  });
  await accessible(page, 'a period that may be closed');
  const cells = page.locator('table.report tfoot td');
  const before = (await cells.allTextContents()).slice(1).map(Number);
  assert.equal(before[0], before[1] + before[2] + before[3], '3 = 4 + 5 + 6');
  assert.equal(before[0], before[4] + before[8], '3 = 7 + 11');

  // Refused by whoever asks, nothing happens.
  page.once('dialog', (dialog) => dialog.dismiss());
  await close.click();
  assert.ok(await close.isVisible());
  page.once('dialog', (dialog) => {
    assert.match(dialog.message(), /Chốt kỳ báo cáo từ ngày 23\/11\/2026 đến hết ngày 23\/11\/2026\?/);
    dialog.accept();
  });
  await tabTo(page, '.close button');
  await page.keyboard.press('Enter');
  await page.locator('.closed', { hasText: 'Đã chốt lúc' }).waitFor();
  await page.locator('.earlier li', { hasText: '23/11/2026 – 23/11/2026' }).waitFor();
  await accessible(page, 'a closed period');
  assert.deepEqual((await cells.allTextContents()).slice(1).map(Number), before);

  // What comes later is another period's.
  const first = [await file(page, `/reports/II.06a.csv?${DAY}`), await file(page, `/reports/II.06a.pdf?${DAY}`)];
  await received(screens, centre, 'Trần Thị Kỳ Sau');
  const again = [await file(page, `/reports/II.06a.csv?${DAY}`), await file(page, `/reports/II.06a.pdf?${DAY}`)];
  assert.ok(first.every((bytes, n) => bytes.equals(again[n])), 'the same bytes');
  const twice = await page.request.post(at(page, '/reports/close'), { headers: { 'x-motcua': '1' }, data: { request_id: 'twice', first: '2026-11-23', last: '2026-11-23' } });
  assert.equal(twice.status(), 409);
  assert.equal((await twice.json()).reason, 'PERIOD_CLOSED');

  await page.goto(at(page, `/reports?${DAY}`));
  await page.locator('table.report tfoot a').first().click();
  await page.locator('h2', { hasText: 'Tiếp nhận · Tổng số' }).waitFor();
  assert.equal(await page.locator('tbody tr').count(), before[0]);
  await page.locator('.chip', { hasText: 'Đã chốt' }).waitFor();
  await accessible(page, 'the dossiers behind a figure');
  await page.locator('td.code a').first().click();
  await page.locator('.prints').waitFor();
});
