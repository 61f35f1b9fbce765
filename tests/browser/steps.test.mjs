// A procedure's steps from the editor to the dossier that goes by them; a version that waits for its day; a department's own lists.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { binary } from './lib/centre.mjs';
import { Desk } from './lib/desk.mjs';
import { eventually, link, tabTo } from './lib/hall.mjs';
import { keep } from './lib/out.mjs';
import { test } from './lib/runner.mjs';
import { accessibility, plain } from './lib/screens.mjs';

const text = async (page, selector) => plain(await page.locator(selector).first().textContent());
const accessible = async (page, what) => assert.deepEqual(await accessibility(page), [], what);
const CODE = '6.900010';
const STEPS = [['Sở Tài nguyên và Môi trường', '3'], ['Chi cục Thuế', '2']];

async function type(page, selector, value) {
  await tabTo(page, selector);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(value);
}

async function push(page, selector) {
  await tabTo(page, selector);
  await page.keyboard.press('Enter');
}

/** Publishes the draft, from a day on or at once. */
async function publish(page, from) {
  await page.goto(new URL('/admin/catalogue/changes', page.url()).href);
  if (from) await page.locator('#from_date').fill(from);
  await push(page, '#publish button');
}

test('steps are written, wait for their day, are withdrawn, published, and a dossier goes by them', async ({ screens, centre: started }) => {
  const centre = await started();
  screens.allow(/status of 4(04|09|22)/);
  const admin = await screens.open(await link(centre, 'admin/catalogue'), 'desk');
  admin.on('dialog', (dialog) => dialog.accept());
  await admin.goto(new URL(`/admin/catalogue/procedures/${CODE}`, admin.url()).href);
  for (const [n, [unit, days]] of STEPS.entries()) {
    await push(admin, '[data-list="steps"] [data-add]');
    await type(admin, `[name="steps[${n}].unit"]`, unit);
    await type(admin, `[name="steps[${n}].limit.quantity"]`, days);
    await admin.locator(`[name="steps[${n}].limit.unit"]`).selectOption('1');
  }
  // Longer together than the procedure's limit: said below the list, in sight.
  await admin.locator('[name="steps[1].limit.quantity"]').fill('90');
  await push(admin, '#procedure .save button');
  const why = admin.locator('[data-problem="steps"] .why');
  await why.waitFor();
  assert.match(await why.textContent(), /dài hơn thời hạn giải quyết/);
  await eventually(async () => {
    const box = await why.boundingBox();
    return box.y > 60 && box.y < 700;
  });
  await admin.locator('[name="steps[1].limit.quantity"]').fill('2');
  await push(admin, '#procedure .save button');
  await admin.locator('.standing .fields').waitFor();
  assert.match(await text(admin, '.standing .fields'), /1\. Sở Tài nguyên và Môi trường: 03 ngày làm việc/);

  await publish(admin, '2026-11-20');
  await admin.locator('#publish .why', { hasText: 'đã qua' }).waitFor();
  await publish(admin, '2027-01-04');
  await admin.locator('[data-waiting="2027-01-04"]').waitFor();
  assert.match(await text(admin, '[data-waiting]'), /Sẽ có hiệu lực từ 04\/01\/2027.*1 thủ tục đổi/);
  await accessible(admin, 'a version waits');
  // Whoever edits the same procedure meanwhile is told, in the editor and before publishing.
  await admin.goto(new URL(`/admin/catalogue/procedures/${CODE}`, admin.url()).href);
  assert.match(await text(admin, '.waits'), /chờ hiệu lực từ 04\/01\/2027.*Chi cục Thuế: 02 ngày làm việc.*chưa có thay đổi này/);
  await accessible(admin, 'the editor beside a version that waits');
  await keep('editor-waits', await admin.screenshot({ fullPage: true }));
  await type(admin, '[name="field"]', 'Đất đai và môi trường');
  await push(admin, '#procedure .save button');
  await admin.locator('.standing .fields').waitFor();
  await admin.goto(new URL('/admin/catalogue/changes', admin.url()).href);
  assert.match(await text(admin, '.change [data-waits="2027-01-04"]'), /còn thay đổi chờ hiệu lực từ 04\/01\/2027/);
  await accessible(admin, 'a draft beside a version that waits');
  await keep('changes-wait', await admin.screenshot({ fullPage: true }));
  await push(admin, '#discard button');
  await admin.locator('.empty').waitFor();
  await admin.goto(new URL('/admin/catalogue/versions', admin.url()).href);
  await push(admin, '[data-waiting] button');
  await admin.waitForURL('**/admin/catalogue/changes');
  await publish(admin);
  await admin.waitForURL('**/admin/catalogue/versions');
  assert.equal(await admin.locator('[data-waiting]').count(), 0);

  const desk = await Desk.open(centre.urls.console);
  const dossier = await desk.receive('bien dong quyen su dung');
  await desk.move(dossier, 'forward');
  await desk.move(dossier, 'sign-for');
  const page = await screens.open(await link(centre, 'console/1'), 'desk');
  await page.goto(new URL(`/dossiers/${dossier.id}`, page.url()).href);
  assert.match(await text(page, '.plan'), /Sở Tài nguyên và Môi trường 03 ngày làm việc Đang giữ.*Chi cục Thuế 02 ngày làm việc/);
  assert.equal(await text(page, '.moves .go'), 'Chuyển bước tiếp theo: Chi cục Thuế');
  await push(page, '.moves .go');
  await page.locator('#move-hand-over[open]').waitFor();
  await accessible(page, 'the question of the next step');
  await push(page, '#move-hand-over [type="submit"]');
  await page.locator('.plan [aria-current="step"]', { hasText: 'Chi cục Thuế' }).waitFor();
  assert.match(await text(page, '.head'), /phải xong trước 17:00, 26\/11\/2026/);
  await accessible(page, 'a dossier under way');
  await page.goto(new URL('/dossiers/holdings', page.url()).href);
  await accessible(page, 'who holds what');

  // Who decides in a department sees its dossiers; a department that the catalogue does not know is refused by name.
  const run = (...args) => promisify(execFile)(binary(), ['link', 'dossiers', ...args, '--data', centre.data]);
  const open = async (department) => (await run('--department', department)).stdout.split('\t')[1].trim();
  const own = await screens.open(await open('Sở Tài nguyên và Môi trường'), 'desk');
  assert.equal(await own.locator(`[data-dossier="${dossier.id}"]`).count(), 1);
  await accessible(own, "a department's list");
  const other = await screens.open(await open('Sở Y tế'), 'desk');
  assert.match(await text(other, 'main'), /Hồ sơ do Sở Y tế giải quyết hoặc đang giữ.*Chưa có hồ sơ nào/);
  await assert.rejects(run('--department', 'Sở Không Có'), /the catalogue has .*Sở Y tế/);
});
