// Machines and the people who look after them: calls for help, paper, coming in by a code, settings from afar.
import assert from 'node:assert/strict';

import { audit } from './lib/audit.mjs';
import { Entrance } from './lib/entrance.mjs';
import { eventually, focused, hall, tabTo } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { accessibility, plain } from './lib/screens.mjs';

const text = async (page, selector) => plain(await page.locator(selector).textContent());
const accessible = async (page, what) => assert.deepEqual(await accessibility(page), [], what);
const empty = (page) => page.locator('.quiet-hall').waitFor();

/** The administrator's list of devices, reached as a person reaches it. */
async function devices(screens, centre) {
  const page = await screens.open(centre.urls.admin, 'desk');
  await page.getByRole('link', { name: 'Thiết bị' }).click();
  await page.locator('#devices').waitFor();
  return page;
}

test('a call for help reaches staff, the manager when nobody goes, and the citizen when somebody does', async ({ screens, centre }) => {
  const running = await centre();
  await hall(running);
  const staff = await screens.open(running.urls.staff, 'desk');
  await empty(staff);
  await accessible(staff, 'nobody calls');
  const manager = await screens.open(running.urls.manager, 'desk');
  const admin = await devices(screens, running);
  await admin.locator('tr[data-state]').first().waitFor();
  await accessible(admin, 'devices');
  await admin.locator('#escalate_seconds').fill('1');
  await admin.locator('#policy button').click();
  await admin.locator('.toast').waitFor();

  const kiosk = await screens.open(running.urls.kiosk, 'kiosk');
  await kiosk.locator('#help').click();
  await kiosk.locator('#help-yes').waitFor();
  await audit(kiosk, 'the question before a call');
  await kiosk.locator('#help-yes').click();
  await eventually(async () => (await text(kiosk, '#help-text')).startsWith('Đã báo nhân viên'));
  await kiosk.locator('#help-back').click();
  assert.equal(await text(kiosk, '#help'), 'Đã gọi hỗ trợ');

  const call = staff.locator('.call.help');
  await call.waitFor();
  assert.match(plain(await call.textContent()), /Công dân gọi hỗ trợ.*Kiosk 1.*từ 08:\d\d:\d\d/);
  await staff.locator('.call.overdue').waitFor();
  assert.match(plain(await call.textContent()), /đã báo lãnh đạo/);
  await manager.locator('[data-slot="alarms"] p').waitFor();
  assert.match(await text(manager, '[data-slot="alarms"]'), /Chưa ai đến: Công dân gọi hỗ trợ tại Kiosk 1/);
  await accessible(staff, 'a call that nobody goes to');
  await accessible(manager, 'the manager is told');

  await tabTo(staff, '[data-answer="acknowledge"]');
  await staff.keyboard.press('Enter');
  await staff.locator('.call.gone').waitFor();
  assert.match(plain(await call.textContent()), /Nhân viên hướng dẫn nhận lúc 08:\d\d/);
  await eventually(async () => (await manager.locator('[data-slot="alarms"] p').count()) === 0);
  await kiosk.locator('#help[data-help="coming"]').click();
  await eventually(async () => (await text(kiosk, '#help-text')).startsWith('Nhân viên đang đến'));
  await audit(kiosk, 'somebody is on the way');
  await tabTo(staff, '[data-answer="close"]');
  await staff.keyboard.press('Enter');
  await empty(staff);
  await kiosk.locator('#help[data-help="none"]').waitFor();
  await focused(staff, 'body, main, [data-slot]');
});

test('a printer without paper is told to staff and taken off by itself, and a page that is cut off says so', async ({ screens, centre }) => {
  screens.allow(/net::ERR/);
  const running = await centre();
  const staff = await screens.open(running.urls.staff, 'desk');
  await empty(staff);
  const entrance = screens.served(await Entrance.open(running));
  await eventually(async () => { const now = await entrance.centre(); return now.ready && now.reachable; });
  const kinds = { near: 'paper_near_end', out: 'paper_out', cover: 'cover_open', cutter: 'cutter', mute: 'printer_mute' };
  for (const [state, kind] of Object.entries(kinds)) {
    entrance.printer.state = state;
    await staff.locator(`[data-kind="${kind}"]`).waitFor();
    assert.equal(await staff.locator('.call').count(), 1, `${state}: the one before is over`);
  }
  await accessible(staff, 'a printer that does not answer');
  entrance.printer.state = 'ok';
  await empty(staff);
  // Cut off, the machine keeps the alarm and tells it when the line is back.
  entrance.line.cut();
  entrance.printer.state = 'out';
  await eventually(async () => (await entrance.centre()).printer.reason === 'PRINTER_PAPER_OUT');
  assert.equal(await staff.locator('.call').count(), 0);
  entrance.line.mend();
  await staff.locator('[data-kind="paper_out"]').waitFor();
  await staff.context().setOffline(true);
  await eventually(async () => (await text(staff, '#banner')).startsWith('Mất kết nối'));
  assert.equal(await staff.locator('[data-kind="paper_out"]').count(), 1, 'what was known stays');
  await accessible(staff, 'cut off');
  await staff.context().setOffline(false);
  entrance.printer.state = 'ok';
  await empty(staff);
  assert.ok(await staff.locator('#banner').isHidden());
});

test('a machine shows a code, is let in by it, shows what is set for it, and shows a code again when it is let out', async ({ screens, centre }) => {
  screens.allow(/503|404|422|net::ERR/);
  const running = await centre();
  const admin = await devices(screens, running);
  const entrance = screens.served(await Entrance.open(running, { enrol: true }));
  const screen = await screens.open(entrance.url, 'kiosk');
  await screen.waitForFunction(() => /^[A-Z0-9]{3}-[A-Z0-9]{3}$/.test(document.getElementById('code')?.textContent ?? ''));
  await audit(screen, 'a code', { wall: true });
  const code = await text(screen, '#code');
  await admin.locator('#code').fill('AAA-AAA');
  await admin.locator('#name').fill('Kiosk cửa sau');
  await admin.locator('#enrol button').click();
  await admin.locator('[data-problem="code"] .why').waitFor();
  assert.ok(await admin.locator('#code[aria-invalid="true"]').isVisible());
  await accessible(admin, 'a wrong code');
  await admin.locator('#code').fill(code.toLowerCase().replace('-', ' '));
  await admin.locator('#enrol button').click();
  await screen.locator('#home').waitFor();
  await screen.locator('.tile').first().waitFor();
  const row = admin.locator('tr', { hasText: 'Kiosk cửa sau' });
  await row.waitFor();
  await eventually(async () => ['well', 'trouble'].includes(await row.getAttribute('data-state')));

  await row.getByRole('link').click();
  await admin.locator('#notices').fill('Chiều nay Trung tâm nghỉ họp');
  await admin.locator('#texts').fill('vi home = Xin chào ông/bà');
  await accessible(admin, 'one device');
  await admin.locator('#config button').click();
  await admin.locator('.toast').waitFor();
  await eventually(async () => (await text(screen, '#home h1')) === 'Xin chào ông/bà');
  await screen.locator('.device-notice', { hasText: 'nghỉ họp' }).waitFor();
  await accessible(screen, 'a notice');
  await admin.locator('#texts').fill('vi hom = Xin chào');
  await admin.locator('#config button').click();
  await eventually(async () => { await admin.reload(); return (await admin.locator('main').textContent()).includes('không có khóa "hom"'); });
  assert.equal(await text(screen, '#home h1'), 'Xin chào ông/bà', 'the last good one holds');

  // It learns of it when it renews its identity, every twenty seconds.
  admin.on('dialog', (dialog) => dialog.accept());
  await admin.locator('#revoke button').click();
  await screen.waitForFunction((old) => /^[A-Z0-9]{3}-[A-Z0-9]{3}$/.test(document.getElementById('code')?.textContent ?? old) && document.getElementById('code').textContent !== old, code, { timeout: 60_000 });
});
