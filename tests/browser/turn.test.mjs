// A holder leaves a telephone number on the ticket's page, is told when the turn is near and when it has come, and no more.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { audit } from './lib/audit.mjs';
import { apply, eventually, issue, link } from './lib/hall.mjs';
import { keep } from './lib/out.mjs';
import { test } from './lib/runner.mjs';
import { accessibility, plain } from './lib/screens.mjs';

const PHONE = '0983 456 127';
const LEAST_PX = 44;
const WEIGHT_MAX = 150 * 1024;

/** What a centre without a gateway would have sent. */
async function told(centre) {
  const folder = join(centre.data, 'outgoing');
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.filter((text) => text.includes('•••127') && text.includes('"ticket_'));
}

/** Every control of the form is as large as a thumb. */
async function large(page) {
  for (const control of await page.locator('#notice button, #notice input:not([type="hidden"])').all()) {
    const { width, height } = await control.boundingBox();
    assert.ok(width >= LEAST_PX && height >= LEAST_PX, `${width}×${height}`);
  }
}

async function shoot(page, name) {
  await page.locator('#notice').scrollIntoViewIfNeeded();
  await keep(name, await page.screenshot({ fullPage: true }));
}

/** Calls, greets and finishes at counter 1, until there is nobody. */
async function press(desk) {
  await desk.locator('#main-action:not([aria-busy])').click();
  await desk.locator('#main-action:not([aria-busy])').waitFor();
}

/** Presses until the ticket's page says so, and no further: what is said of a turn that has passed is called off. */
async function until(desk, mine, what) {
  await eventually(async () => {
    if (what.test(plain(await (await fetch(mine.url)).text()))) return true;
    await press(desk);
    return false;
  });
}

test('who leaves a number is told when the turn is near and when it has come, and the number goes with it', async ({ screens, centre: started }) => {
  // A page that was loaded anew has not been tapped yet.
  screens.allow(/422|400|navigator\.vibrate/);
  const centre = await started();
  await apply(centre, 'soon_minutes = 0');
  for (let n = 0; n < 5; n += 1) await issue(centre, { queue_id: 'dat-dai' });
  const mine = await issue(centre, { queue_id: 'dat-dai' });
  const phone = await screens.open(mine.url, 'phone');
  const form = phone.locator('#notice');
  await form.getByRole('heading', { name: 'Nhắn tin cho tôi khi gần đến lượt' }).waitFor();
  assert.match(plain(await form.textContent()), /xóa khi xong lượt hoặc hết ngày/);
  await audit(phone, 'a number may be left');
  await large(phone);
  await shoot(phone, 'turn-offered');

  await form.locator('[name="phone"]').fill('0983 45');
  await form.getByRole('button').tap();
  await form.locator('.problem').waitFor();
  assert.match(plain(await form.locator('.problem').textContent()), /10 chữ số, bắt đầu bằng 0/);
  assert.equal(await form.locator('[name="phone"]').inputValue(), '0983 45', 'what was typed stays');
  await audit(phone, 'a wrong number');
  await shoot(phone, 'turn-wrong');
  await form.locator('[name="phone"]').fill(PHONE);
  await form.getByRole('button').tap();
  await form.getByRole('heading', { name: 'Đã đăng ký nhắn tin' }).waitFor();
  assert.match(plain(await form.textContent()), /•••127/);
  const html = (await phone.content()).replaceAll(' ', '');
  for (const secret of ['0983456127', '983456', '84983']) assert.ok(!html.includes(secret), `the page shows ${secret}`);
  assert.ok(!phone.url().includes('983'), phone.url());
  await audit(phone, 'a number is left');
  await large(phone);
  await shoot(phone, 'turn-on');
  for (const lang of ['km', 'en']) {
    await phone.goto(`${mine.url}?lang=${lang}`);
    await phone.locator('#notice').waitFor();
    await audit(phone, `a number is left, ${lang}`);
    await shoot(phone, `turn-on-${lang}`);
  }
  await phone.goto(mine.url);

  const desk = await screens.open(await link(centre, 'console/1'), 'desk');
  const soon = new RegExp(`${mine.ticket.number} c[òo]n 3 ng[ưu][ờo]i`);
  await until(desk, mine, /Còn [123] người/);
  await eventually(async () => (await told(centre)).some((text) => soon.test(text)));
  await until(desk, mine, /data-state="called"/);
  await eventually(async () => (await told(centre)).some((text) => /(đến quầy|den quay) 1\b/.test(text)));
  await phone.locator('[data-slot="ticket"][data-state="called"]').waitFor({ state: 'attached' });
  assert.equal(await form.isVisible(), false, 'a turn that has come is not to be asked for');
  await eventually(async () => {
    if ((await phone.locator('[data-slot="ticket"]').getAttribute('data-state')) === 'finished') return true;
    await press(desk);
    return false;
  });
  assert.equal((await told(centre)).length, 2, 'once each');
  await phone.reload();
  await phone.locator('[data-slot="ticket"]').waitFor();
  assert.equal(await phone.locator('#notice').count(), 0, 'nothing is left of it');
});

test('without a script the number is left, and taken back, as well; the page stays light', async ({ screens, centre: started }) => {
  const centre = await started();
  const mine = await issue(centre, { queue_id: 'tu-phap' });
  let weight = 0;
  const phone = await screens.open('about:blank', 'phone', { javaScriptEnabled: false });
  phone.on('response', async (response) => { weight += Number((await response.allHeaders())['content-length'] ?? 0) || (await response.body().catch(() => [])).length; });
  await phone.goto(mine.url, { waitUntil: 'networkidle' });
  assert.ok(weight > 0 && weight < WEIGHT_MAX, `${weight} bytes`);
  await phone.locator('[name="phone"]').fill(PHONE);
  await phone.locator('#notice button').tap();
  await phone.getByText('•••127').waitFor();
  await phone.goto(mine.url, { waitUntil: 'networkidle' });
  await phone.getByRole('button', { name: 'Thôi nhắn' }).tap();
  await phone.locator('[name="phone"]').waitFor();
  assert.equal(await phone.locator('[name="phone"]').inputValue(), '', 'forgotten');
  const scripted = await screens.open(mine.url, 'phone');
  assert.deepEqual(await accessibility(scripted), []);
});
