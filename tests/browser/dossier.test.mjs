// A dossier's course as staff see and move it: every move with its question, by keyboard, with its papers.
import assert from 'node:assert/strict';

import { received } from './lib/dossiers.mjs';
import { focused, tabTo } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { accessibility, plain } from './lib/screens.mjs';

const text = async (page, selector) => plain(await page.locator(selector).first().textContent());
const accessible = async (page, what) => assert.deepEqual(await accessibility(page), [], what);
const state = (page, label) => page.locator('.head dd b', { hasText: label }).waitFor();

/** Opens a move's question, fills it in and sends it. */
async function move(page, name, fields = {}) {
  await page.locator(`[data-move="${name}"]`).click();
  const dialog = page.locator(`#move-${name}`);
  await dialog.waitFor();
  for (const [field, value] of Object.entries(fields)) {
    const input = dialog.locator(`[name="${field}"]`).first();
    if ((await input.evaluate((element) => element.tagName)) === 'SELECT') await input.selectOption(value);
    else await input.fill(value);
  }
  await dialog.locator('[type="submit"]').click();
  await dialog.waitFor({ state: 'hidden' });
}

const pdf = async (page, form) => {
  const answer = await page.request.get(`${page.url().split('#')[0]}/forms/${form}.pdf`);
  assert.equal(answer.status(), 200, `${form}: ${await answer.text().catch(() => '')}`);
  assert.equal((await answer.body()).subarray(0, 5).toString(), '%PDF-', form);
};

test('a dossier goes from the desk to the citizen, with a supplement, a fee and every paper', async ({ screens, centre: started }) => {
  const centre = await started();
  const { page, dossier } = await received(screens, centre);
  await state(page, 'Được tiếp nhận');
  assert.equal(await text(page, '.top h1'), dossier.code);
  await accessible(page, 'received');
  await pdf(page, 'receipt');

  // By keyboard alone.
  await tabTo(page, '[data-move="forward"]');
  await page.keyboard.press('Enter');
  await page.locator('#move-forward').waitFor();
  await focused(page, '#move-forward select');
  await accessible(page, 'a question');
  await page.keyboard.press('Escape');
  await page.locator('#move-forward').waitFor({ state: 'hidden' });
  await focused(page, '[data-move="forward"]');
  await page.keyboard.press('Enter');
  await focused(page, '#move-forward select');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await state(page, 'Đang xử lý');
  await page.locator('.chip', { hasText: 'Chờ đơn vị ký nhận' }).waitFor();

  await move(page, 'sign-for', { note: 'Đủ 4 loại giấy tờ' });
  await page.locator('.chip', { hasText: 'Chờ đơn vị ký nhận' }).waitFor({ state: 'hidden' });

  // A question that lacks something says so at its field and keeps the rest.
  await page.locator('[data-move="ask-supplement"]').click();
  const supplement = page.locator('#move-ask-supplement');
  await supplement.locator('[name="paper"]').fill('Trích đo địa chính');
  await supplement.locator('[data-add]').click();
  await supplement.locator('[name="paper"]').nth(1).fill('Văn bản ủy quyền');
  await supplement.locator('[type="submit"]').click();
  await supplement.locator('[data-problem="reason"]:not([hidden])').waitFor();
  await accessible(page, 'a question that lacks something');
  await supplement.locator('[name="reason"]').fill('Ranh thửa chưa rõ');
  await supplement.locator('[type="submit"]').click();
  await state(page, 'Yêu cầu bổ sung giấy tờ');
  assert.match(await text(page, '.asked'), /Ranh thửa chưa rõ.*Trích đo địa chính: 1 bản chính.*Văn bản ủy quyền/);
  await page.locator('.due .chip', { hasText: 'Tạm dừng tính giờ' }).waitFor();
  await accessible(page, 'a supplement is asked for');
  await pdf(page, 'supplement-1');
  // The citizen is told the same, in their words and without a name.
  const phone = await screens.open(dossier.tracking_url, 'phone');
  await phone.locator('ul.bring li').nth(1).waitFor();
  const told = plain(await phone.locator('main').textContent());
  assert.match(told, /Giấy tờ cần mang đến.*Trích đo địa chính: 1 bản chính.*Nơi đến: .*Hoàng Thái Hiếu.*0270 1022/);
  assert.ok(!told.includes('Thử Nghiệm') && !told.includes(dossier.code));
  await accessible(phone, 'what the citizen reads');
  await pdf(page, 'control');
  await move(page, 'supplement-received');
  await state(page, 'Đang xử lý');

  await move(page, 'ask-fee', { amount_vnd: '1.200.000', reason: 'Lệ phí trước bạ' });
  await state(page, 'Yêu cầu thực hiện nghĩa vụ tài chính');
  await move(page, 'fee-paid', { receipt_number: '0001234' });
  await state(page, 'Đang xử lý');
  await move(page, 'complete');
  await state(page, 'Đã xử lý xong');
  await page.locator('[data-move="return"]').click();
  const back = page.locator('#move-return');
  await back.locator('[type="submit"]').click();
  await back.locator('[data-problem="collector_name"]:not([hidden])').waitFor();
  await back.locator('[name="collector_name"]').fill('Thạch Thị Sa Rây');
  await back.locator('[type="submit"]').click();
  await state(page, 'Đã trả kết quả');
  await page.locator('.moves .empty').waitFor();
  assert.ok(!(await page.content()).includes('Sa Rây'), 'who took it is not shown');
  await accessible(page, 'returned');
});

test('two officers move one dossier: the slower one hears it and loses no word', async ({ screens, centre: started }) => {
  const centre = await started();
  const { page, post, dossier } = await received(screens, centre, 'Trần Văn Thử');
  screens.allow(/409/);
  await move(page, 'forward');
  await state(page, 'Đang xử lý');
  await page.locator('[data-move="stop"]').click();
  const dialog = page.locator('#move-stop');
  await dialog.locator('[name="reason"]').fill('Đang có tranh chấp tại tòa');
  const other = await post(`/dossiers/${dossier.id}/moves/ask-fee`, { request_id: 'other', amount_vnd: '50000', reason: 'Phí đo đạc' });
  assert.equal(other.status(), 200, await other.text());
  await dialog.locator('[type="submit"]').click();
  await dialog.locator('[data-problem=""]:not([hidden])').waitFor();
  assert.match(plain(await dialog.locator('[data-problem=""]').textContent()), /người khác cập nhật.*Mời tải lại/);
  await state(page, 'Yêu cầu thực hiện nghĩa vụ tài chính');
  assert.equal(await dialog.locator('[name="reason"]').inputValue(), 'Đang có tranh chấp tại tòa');
  await dialog.locator('[type="submit"]').click();
  await state(page, 'Dừng xử lý');
  // Its notice and its refusal are there, also once it was taken up again.
  for (const form of ['stop-1', 'refusal-1']) await pdf(page, form);
  await move(page, 'resume', { reason: 'Tòa đã xử' });
  await state(page, 'Đang xử lý');
  for (const form of ['stop-1', 'refusal-1']) {
    await page.locator(`.prints a[href$="/forms/${form}.pdf"]`).waitFor();
    await pdf(page, form);
  }
  await pdf(page, 'receipt-a5');
  screens.allow(/404/);
  const none = await page.request.get(`${page.url().split('#')[0]}/forms/stop-2.pdf`);
  assert.equal(none.status(), 404);
  assert.match(plain(await none.text()), /chưa có giấy đó/);
});

test('what somebody looked at when the question opened is what they decide on', async ({ screens, centre: started }) => {
  const centre = await started();
  const { page, post, dossier } = await received(screens, centre, 'Phạm Thị Thử');
  screens.allow(/409/);
  // The page asks for the dossier anew while the question is opened: the answer that comes behind it must not count as seen.
  let slow;
  const held = new Promise((resolve) => { slow = resolve; });
  await page.route('**/state', async (route) => { await held; await route.continue(); });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.locator('[data-move="forward"]').click();
  const dialog = page.locator('#move-forward');
  await dialog.waitFor();
  const other = await post(`/dossiers/${dossier.id}/moves/withdraw`, { request_id: 'other-2', reason: 'Công dân đổi ý' });
  assert.equal(other.status(), 200, await other.text());
  slow();
  await state(page, 'Công dân yêu cầu rút hồ sơ');
  await dialog.locator('[type="submit"]').click();
  await dialog.locator('[data-problem=""]:not([hidden])').waitFor();
  assert.match(plain(await dialog.locator('[data-problem=""]').textContent()), /người khác cập nhật.*Mời tải lại/);
});

test('the lists of dossiers narrow, link and say when there is nothing', async ({ screens, centre: started }) => {
  const centre = await started();
  const { page, dossier } = await received(screens, centre, 'Lê Thị Thử');
  await page.goto(new URL('/dossiers', page.url()).href);
  await page.locator('td.code', { hasText: dossier.code }).waitFor();
  await accessible(page, 'the list');
  // The file's tests share one centre, and none of them refuses a dossier.
  await page.locator('[name="state"]').selectOption('3');
  await page.getByRole('button', { name: 'Lọc' }).click();
  await page.locator('.empty', { hasText: 'Không có hồ sơ nào như vậy' }).waitFor();
  await accessible(page, 'an empty list');
  await page.goto(new URL(`/dossiers?code=${dossier.code.slice(-4)}`, page.url()).href);
  await page.locator('td.code a').click();
  await state(page, 'Được tiếp nhận');
  // An address that cannot be understood still shows the list and says what it left out.
  await page.goto(new URL('/dossiers?state=abc&first=2026-11-30&last=2026-11-01', page.url()).href);
  await page.locator('td.code', { hasText: dossier.code }).waitFor();
  assert.match(plain(await page.locator('main').textContent()), /Không có tình trạng “abc”; đang hiện mọi tình trạng\..*Ngày cuối phải không trước ngày đầu/);
  await page.goto(new URL('/dossiers?code=50%25', page.url()).href);
  await page.locator('.refused', { hasText: 'Mã hồ sơ chỉ có chữ, số' }).waitFor();
  await accessible(page, 'a code that is none');
  // Every figure of who holds what leads to exactly the dossiers it counted.
  await page.goto(new URL('/dossiers/holdings', page.url()).href);
  await page.locator('tbody tr').first().waitFor();
  await accessible(page, 'who holds what');
  const figures = await page.locator('tbody td.right a').evaluateAll((links) => links.map((link) => [link.href, Number(link.textContent)]));
  assert.ok(figures.length > 0);
  for (const [href, count] of figures) {
    await page.goto(href);
    assert.equal(await text(page, 'main > p.muted'), `${count} hồ sơ`, href);
    assert.equal(await page.locator('tbody tr').count(), Math.min(count, 50), href);
  }
  await accessible(page, 'a list behind a figure');
  await page.locator('.narrowed a').first().click();
  await page.locator('td.code', { hasText: dossier.code }).waitFor();
  // Mine is what I signed for and is not ended.
  await page.getByLabel('Của tôi').check();
  await page.getByRole('button', { name: 'Lọc' }).click();
  await page.locator('.empty', { hasText: 'đã ký nhận và chưa giải quyết xong' }).waitFor();
  await page.goto(new URL(`/dossiers/${dossier.id}`, page.url()).href);
  await move(page, 'forward');
  await move(page, 'sign-for');
  await page.goto(new URL('/dossiers?mine=true', page.url()).href);
  await page.locator('td.code', { hasText: dossier.code }).waitFor();
  // At the desk a result leads to its own page, which asks who collects it.
  await page.goto(new URL(`/dossiers/${dossier.id}`, page.url()).href);
  await move(page, 'complete');
  await page.goto(new URL('/desk/1', page.url()).href);
  await page.locator('#tab-dossiers').click();
  await page.locator(`tr[data-dossier="${dossier.id}"] a`, { hasText: 'Trả kết quả' }).click();
  await page.locator('#move-return').waitFor();
  await focused(page, '#move-return input');
  await page.keyboard.press('Escape');
  await page.goto(new URL('/dossiers/notices', page.url()).href);
  await page.locator('.empty', { hasText: 'Chưa có nhắc việc nào' }).waitFor();
  await accessible(page, 'no notice');
  // What was received today is in this month's report.
  const manager = await screens.open(centre.urls.manager, 'desk');
  await manager.getByRole('link', { name: 'Báo cáo' }).click();
  await manager.locator('table.report tfoot').waitFor();
  const [, came, online, direct, before] = (await manager.locator('table.report tfoot td').allTextContents()).map(Number);
  assert.ok(came > 0 && came === online + direct + before, 'column 3 is 4 + 5 + 6');
  await accessible(manager, 'the report');
  for (const ending of ['csv', 'xlsx', 'pdf']) {
    const file = await manager.request.get(new URL(await manager.locator(`a[href*=".${ending}"]`).getAttribute('href'), manager.url()).href);
    assert.equal(file.status(), 200);
    assert.match(file.headers()['content-disposition'], new RegExp(`II\\.06a.*\\.${ending}`));
  }
  await manager.goto(new URL('/reports?first=2026-11-30&last=2026-11-01', manager.url()).href);
  await manager.locator('.refused').waitFor();
  await accessible(manager, 'a period that cannot be');
  await manager.goto(new URL('/reports?month=2020-01', manager.url()).href);
  await manager.locator('.empty', { hasText: 'Kỳ này không có hồ sơ nào' }).waitFor();
  screens.allow(/404/);
  await page.goto(new URL('/dossiers/khong-co', page.url()).href);
  await page.getByText('Chưa thấy hồ sơ này').waitFor();
});
