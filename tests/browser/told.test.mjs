// Citizens are told, and who sees to it where they were not: the call list, messages, channels.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Desk } from './lib/desk.mjs';
import { eventually, focused, link, tabTo } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { accessibility, plain } from './lib/screens.mjs';

const text = async (page, selector) => plain(await page.locator(selector).first().textContent());
const accessible = async (page, what) => assert.deepEqual(await accessibility(page), [], what);

/** A dossier of somebody with this telephone, brought to its result. */
async function finished(desk, phone) {
  const dossier = await desk.receive('đăng ký', { phone });
  for (const act of ['forward', 'complete']) await desk.move(dossier, act);
  return dossier;
}

/** A counter of the running centre. */
const desk = async (centre) => Desk.open(await link(centre, 'desk/1'));

test('whom no message reached is called from a script, by keyboard, and the number is shown to who opens it', async ({ screens, centre }) => {
  const running = await centre();
  const staff = await screens.open(running.urls.staff, 'desk');
  await staff.getByRole('link', { name: 'Danh sách gọi điện' }).click();
  await staff.locator('.calm').waitFor();
  assert.match(await text(staff, '.calm'), /Không có ai phải gọi/);
  await accessible(staff, 'nobody is to be called');

  const at = await desk(running);
  const landline = await finished(at, '0270 3822 123');
  await finished(at, '');
  await eventually(async () => { await staff.reload(); return (await staff.locator('.person').count()) === 2; });
  assert.ok(!(await staff.content()).includes('822'), 'no number before a call is opened');
  assert.ok((await staff.content()).includes(landline.code));
  await accessible(staff, 'two people to call');

  await tabTo(staff, '[data-open]');
  await staff.keyboard.press('Enter');
  await focused(staff, '#call h2');
  assert.equal(await text(staff, '.phone'), '02703 822 123');
  assert.match(await text(staff, '.script'), /tôi gọi từ .* đã có kết quả\. Mời ông\/bà đến/);
  await accessible(staff, 'a call is open');
  await tabTo(staff, '[value="NO_ANSWER"]');
  await staff.keyboard.press('Enter');
  await staff.locator('.nobody').waitFor();
  await staff.locator('.person.later').waitFor();
  assert.match(await text(staff, '.person.later'), /đã gọi 1\/3 · không nghe máy/);
  assert.ok(!(await staff.content()).includes('3 822 123'), 'the number leaves with the call');
  await focused(staff, '[data-open]');

  // Without a number there is only the commune.
  await staff.keyboard.press('Enter');
  await staff.locator('.opened .missing').waitFor();
  await accessible(staff, 'nobody left a number');
  await staff.locator('[value="WRONG_NUMBER"]').click();
  await eventually(async () => (await staff.locator('.person').count()) === 1);
  await staff.getByRole('link', { name: 'Nhờ xã, phường' }).click();
  await staff.locator('[data-open]').click();
  assert.match(await text(staff, '.script'), /Nhờ xã, phường báo giúp/);
  await accessible(staff, 'the commune is asked');
  await staff.locator('#note').fill('x'.repeat(290));
  await staff.locator('[value="RELAYED"]').click();
  await staff.locator('.calm').waitFor();
  await staff.getByRole('link', { name: 'Đã xong' }).click();
  assert.match(await text(staff, '.person'), /xã, phường đã chuyển lời/);
  await accessible(staff, 'calls that are over');
});

test('a message is found, explained, and sent again; channels are turned off with a reason', async ({ screens, centre }) => {
  screens.allow(/422/);
  const running = await centre();
  const at = await desk(running);
  const told = await finished(at, '0983456127');
  const manager = await screens.open(running.urls.manager, 'desk');
  await manager.getByRole('link', { name: 'Tin nhắn', exact: true }).click();
  await manager.locator('[data-delivery]').first().waitFor();
  assert.match(await text(manager, '.note'), /ghi vào thư mục/);
  await accessible(manager, 'messages');
  await manager.locator('#code').fill(told.code);
  await manager.keyboard.press('Enter');
  await eventually(async () => (await manager.locator('tr[data-delivery]').allTextContents()).some((row) => row.includes('Có kết quả')));
  const row = manager.locator('tr[data-delivery]', { hasText: 'Có kết quả' });
  assert.match(plain(await row.textContent()), new RegExp(`${told.code.replaceAll('.', '\\.')}.*127`));
  await row.locator('a').click();
  await manager.locator('.story').waitFor();
  assert.match(await text(manager, '.what'), /thư mục gửi đi/);
  await accessible(manager, 'one message');
  await manager.goto(new URL('/manager/messages?code=99999999', running.urls.manager).href);
  assert.match(await text(manager, '#code-note'), /Không có hồ sơ nào/);
  await accessible(manager, 'a code that is none');

  await manager.goto(new URL('/manager/channels', running.urls.manager).href);
  await accessible(manager, 'channels');
  manager.on('dialog', (dialog) => dialog.accept());
  await manager.locator('.stop').click();
  await manager.locator('.channel-card .why').waitFor();
  assert.match(await text(manager, '.channel-card .why'), /lý do/);
  await accessible(manager, 'a reason is missing');
  await manager.locator('[name="reason"]').fill('Kiểm tra thư mục');
  await manager.locator('.stop').click();
  await manager.locator('[data-enabled="false"]').waitFor();
  assert.match(await text(manager, '.channel-card'), /Đang ngắt.*Kiểm tra thư mục/);
  await accessible(manager, 'a channel is off');

  // What is told now waits, and can be called off.
  const held = await finished(at, '0983456128');
  await eventually(async () => {
    await manager.goto(new URL(`/manager/messages?code=${held.code}&kind=result_ready`, running.urls.manager).href);
    return /Chờ/.test(await text(manager, '[data-delivery]'));
  });
  await manager.locator('[data-delivery] a').first().click();
  await manager.locator('#cancel').waitFor();
  await accessible(manager, 'a message that waits');
  await manager.locator('#cancel [name="reason"]').fill('Kết quả phải sửa lại');
  await manager.locator('#cancel button').click();
  await eventually(async () => (await text(manager, '.story h2')) === 'Đã hủy');
  assert.match(await text(manager, '.side'), /Kết quả phải sửa lại/);
  await manager.goto(new URL('/manager/channels', running.urls.manager).href);
  await manager.locator('[name="reason"]').fill('Đã xong');
  await manager.locator('.channel-card .go').click();
  await manager.locator('[data-enabled="true"]').waitFor();
});

test('an administrator writes other words for a short message, tries them out, and the next citizen is told in them', async ({ screens, centre }) => {
  screens.allow(/422/);
  const running = await centre();
  const admin = await screens.open(running.urls.admin, 'desk');
  await admin.getByRole('link', { name: 'Mẫu tin' }).click();
  await admin.locator('.matrix').waitFor();
  await accessible(admin, 'all templates');
  await admin.getByRole('link', { name: /^Có kết quả, SMS, Tiếng Việt/ }).click();
  await eventually(async () => (await text(admin, '#preview')).startsWith('Ho so 000.00.15'));
  assert.match(await text(admin, '#parts'), /Tính \d tin SMS \(không dấu/);
  await accessible(admin, 'the editor');

  await admin.locator('#body').fill('Kinh moi den nhan ket qua ho so {code} tai {owner}');
  await eventually(async () => (await text(admin, '[data-problem="body"]')).includes('owner'));
  await focused(admin, '#body');
  await accessible(admin, 'a place that nothing fills');
  await admin.locator('#body').fill('Mời nhận kết quả hồ sơ {code} tại ');
  await admin.locator('[data-place="desk"]').click();
  assert.equal(await admin.locator('#body').inputValue(), 'Mời nhận kết quả hồ sơ {code} tại {desk}');
  await eventually(async () => /^Moi nhan ket qua ho so .* tai bo phan Mot cua$/.test(await text(admin, '#preview')));
  await admin.locator('.samples summary').click();
  await admin.locator('#sample_desk').fill('');
  await eventually(async () => (await text(admin, '[data-problem="sample_desk"]')).includes('Thiếu giá trị'));
  await accessible(admin, 'a sample is missing');
  await admin.locator('#editor button[type="submit"]').click();
  await admin.locator('[data-version="1"]').waitFor();
  await admin.locator('.version summary').click();
  await admin.locator('.version [value="ACTIVE"]').click();
  await admin.locator('.version .why').waitFor();
  await accessible(admin, 'a version without a reason');
  await admin.locator('.version [name="reason"]').fill('Đã duyệt câu chữ');
  await admin.locator('.version [value="ACTIVE"]').click();
  await admin.locator('[data-status="ACTIVE"]').waitFor();
  await accessible(admin, 'a version in force');

  const told = await finished(await desk(running), '0983456129');
  const words = `Moi nhan ket qua ho so ${told.code} tai bo phan Mot cua`;
  await eventually(async () => {
    const folder = join(running.data, 'outgoing');
    for (const file of await readdir(folder, { recursive: true })) {
      if ((await readFile(join(folder, file), 'utf8').catch(() => '')).includes(words)) return true;
    }
    return false;
  });

  await admin.goto(new URL('/admin/templates/result_ready/zalo/vi', running.urls.admin).href);
  await admin.locator('#provider_template_id').fill('7895417');
  await admin.locator('[name="name_0"]').fill('ma_ho_so');
  await admin.locator('[name="from_0"]').selectOption('code');
  await admin.locator('[name="kind_0"]').selectOption('10');
  await eventually(async () => (await text(admin, '[data-problem="sample_code"]')).includes('tối đa 20'));
  await accessible(admin, 'a value too long for Zalo');
  await admin.locator('[name="kind_0"]').selectOption('4');
  await eventually(async () => (await text(admin, '#preview')).startsWith('ma_ho_so: 000'));
  await admin.locator('#editor button[type="submit"]').click();
  await admin.locator('[data-version="1"]').waitFor();
  await accessible(admin, 'a draft for Zalo');
});

test('after acceptance the citizen follows the dossier in Zalo, and without an account the desk says so', async ({ screens, centre }) => {
  screens.allow(/409/);
  const running = await centre();
  const page = await screens.open(await link(running, 'desk/2'), 'desk');
  const at = await desk(running);
  const { receipt } = await finished(at, '0983456130');
  // What the desk shows when a reception ends; the reception itself is told by the citizen's day.
  const ended = () => page.evaluate((href) => {
    document.getElementById('reception')?.setAttribute('hidden', '');
    document.getElementById('accepted-pdf').href = href;
    document.getElementById('accepted').hidden = false;
  }, receipt);
  await ended();
  await page.locator('#follow').click();
  await page.locator('#follow-why').waitFor();
  assert.match(await text(page, '#follow-why'), /chưa nối tài khoản Zalo/);
  await accessible(page, 'no Zalo account');

  await page.route('**/follow/*', (route) => route.fulfill({ json: {
    code: 'AB23CD45', until: '23/12/2026', url: 'https://zalo.me/4318657068771012646', qr: 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSIxNjAiIGhlaWdodD0iMTYwIj48cmVjdCB3aWR0aD0iMTYwIiBoZWlnaHQ9IjE2MCIgZmlsbD0iIzIyMiIvPjwvc3ZnPg==',
  } }));
  await ended();
  await tabTo(page, '#follow');
  await page.keyboard.press('Enter');
  await page.locator('#follow-card').waitFor();
  await focused(page, '#follow-card');
  assert.match(await text(page, '#follow-card'), /HS AB23CD45.*đến 23\/12\/2026/);
  await accessible(page, 'a code to follow by');
});
