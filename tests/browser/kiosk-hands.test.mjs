// What hands do at the machine at the entrance: they leave, come back, tap twice, reload, type marks, look for a way in.
import assert from 'node:assert/strict';

import { audit } from './lib/audit.mjs';
import { Entrance } from './lib/entrance.mjs';
import { eventually } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { plain } from './lib/screens.mjs';

const QUIET_MS = 46_000, WARNING_MS = 21_000;

async function entrance(screens, centre) {
  const machine = screens.served(await Entrance.open(await centre()));
  await eventually(async () => { const now = await machine.centre(); return now.ready && now.reachable && now.procedures > 0 && now.offline.gives; });
  return machine;
}

const at = (page, screen) => page.locator(`#kiosk[data-at="${screen}"]`).waitFor();
const text = async (page, selector) => plain(await page.locator(selector).textContent());
const posts = (page) => {
  const seen = [];
  page.on('request', (request) => { if (request.method() === 'POST' && request.url().endsWith('/api/tickets')) seen.push(request.headers()['idempotency-key']); });
  return seen;
};
/** Numbers given so far at this centre. */
const given = async (machine) => (await machine.centre()).areas.reduce((sum, area) => sum + area.waiting, 0);

async function toConfirm(page) {
  await page.locator('.tile').first().click();
  await page.locator('#tasks-any').click();
  await at(page, 'confirm');
}

test('a page that is reloaded or left between the tap and the paper leaves one number and one paper', async ({ screens, centre }) => {
  screens.allow(/ERR_ABORTED|Failed to fetch|Failed to load/);
  const machine = await entrance(screens, centre);
  const page = await screens.open(machine.url, 'kiosk');
  const keys = posts(page);
  const before = await given(machine);
  const papers = machine.printer.papers;
  // The machine is asked; the page that asked it is gone before it hears the answer.
  let asked;
  const reached = new Promise((resolve) => { asked = resolve; });
  await page.route('**/api/tickets', async (route) => {
    const answer = route.fetch();
    asked();
    await answer.then((response) => route.fulfill({ response })).catch(() => {});
  });
  await toConfirm(page);
  await page.locator('#take').dblclick();
  await reached;
  await page.reload();
  await page.locator('.tile').first().waitFor();
  await eventually(async () => machine.printer.papers === papers + 1);
  await eventually(async () => (await given(machine)) === before + 1);
  assert.equal(new Set(keys).size, 1);

  // Back and forward lead to no tap.
  await page.unrouteAll();
  await toConfirm(page);
  await page.locator('#take').click();
  await page.locator('#number').waitFor();
  await page.goto('about:blank');
  await page.goBack();
  await page.locator('.tile').first().waitFor();
  await page.reload();
  await page.locator('.tile').first().waitFor();
  assert.equal(new Set(keys).size, 2, 'only a tap asks for a number');
  await eventually(async () => (await given(machine)) === before + 2);
  assert.equal(machine.printer.papers, papers + 2);
});

test('whoever leaves is asked, and the next one finds the first page as it was', async ({ screens, centre }) => {
  const machine = await entrance(screens, centre);
  const page = await screens.open('about:blank', 'kiosk');
  await page.clock.install();
  await page.goto(machine.url);
  await page.locator('.tile .wait span').first().waitFor();
  const language = () => page.evaluate(() => [document.documentElement.lang, document.documentElement.hasAttribute('data-big')].join());
  await page.locator('[data-lang="en"]').click();
  await page.locator('#big').click();
  await toConfirm(page);
  await page.clock.fastForward(QUIET_MS);
  await page.locator('#idle[open]').waitFor();
  assert.ok(await page.evaluate(() => document.activeElement.id === 'idle-more'), '"I need more time" has the focus');
  await page.locator('#idle-more').click();
  await page.locator('#idle').waitFor({ state: 'hidden' });
  assert.equal(await language(), 'en,true', 'who needs time keeps what they chose');
  await at(page, 'confirm');
  await page.clock.fastForward(QUIET_MS);
  await page.locator('#idle[open]').waitFor();
  await page.clock.runFor(WARNING_MS);
  await at(page, 'home');
  await page.locator('#idle').waitFor({ state: 'hidden' });
  assert.equal(await language(), 'vi,false');

  // A question that nobody answers does not wait for the next person.
  await page.locator('#help').click();
  await page.locator('#help-dialog[open]').waitFor();
  await page.clock.fastForward(QUIET_MS);
  await page.locator('#idle[open]').waitFor();
  await page.clock.runFor(WARNING_MS);
  await page.locator('dialog[open]').first().waitFor({ state: 'detached' });

  // Somebody comes with a code while the last one is asked for.
  await toConfirm(page);
  await page.clock.fastForward(QUIET_MS);
  await page.locator('#idle[open]').waitFor();
  await page.keyboard.type('00020101021238570010A000000727\n');
  await at(page, 'scan');
  await page.locator('#idle').waitFor({ state: 'hidden' });
  await page.clock.runFor(WARNING_MS);
  await at(page, 'scan');
});

test('who comes for a result or with missing papers finds the way without a search', async ({ screens, centre }) => {
  const machine = await entrance(screens, centre);
  const page = await screens.open(machine.url, 'kiosk');
  const guide = async () => {
    await page.locator('.tile').last().click();
    await at(page, 'tasks');
    await page.locator('#task-list button').first().waitFor();
  };
  await guide();
  assert.deepEqual((await page.locator('#task-list button').allTextContents()).map(plain), ['Nhận kết quả', 'Bổ sung hồ sơ']);
  assert.equal(await text(page, '#tasks-any'), 'Lấy số Quầy hướng dẫn');
  await page.locator('[data-lang="en"]').click();
  assert.deepEqual((await page.locator('#task-list button').allTextContents()).map(plain), ['Collect a result', 'Bring missing papers']);
  await page.locator('[data-lang="vi"]').click();
  await page.locator('#task-list button').last().click();
  await at(page, 'scan');
  assert.equal(await text(page, '#scan-title'), 'Mời ông/bà quét mã trên giấy hẹn');
  await audit(page, 'missing papers');
  await page.locator('#scan-home').click();
  await guide();
  await page.locator('#task-list button').first().click();
  const sent = page.waitForRequest('**/api/tickets');
  await page.locator('#scan-take').dblclick();
  assert.equal((await sent).postDataJSON().queue_id, 'huong-dan');
  await page.locator('#number').waitFor();
  assert.match((await text(page, '#number')).replaceAll(' ', ''), /^F\d{3}$/);
  await page.locator('#finish').click();
  await guide();
  await page.locator('#tasks-any').click();
  await at(page, 'confirm');
  await page.locator('#start').click();
  await page.locator('button.find').click();
  await page.locator('#query').fill('nhận kết quả');
  await eventually(async () => plain(await page.locator('#found button').first().textContent()) === 'Nhận kết quả');
  await page.locator('#found button').first().click();
  await at(page, 'scan');
});

test('marks are typed by plain keys, for one person', async ({ screens, centre }) => {
  const machine = await entrance(screens, centre);
  const page = await screens.open(machine.url, 'kiosk');
  const marks = page.locator('#keypad [data-t="key.telex"]');
  const type = async (keys) => {
    for (const key of keys) await page.locator('#keypad button', key === ' ' ? { hasText: 'Dấu cách' } : { hasText: new RegExp(`^${key}$`) }).click();
  };
  await page.locator('button.find').click();
  await type('dat dai');
  assert.equal(await page.locator('#query').inputValue(), 'dat dai', 'without marks letters stay letters');
  const plainly = await eventually(async () => (await page.locator('#found li').count()) > 0 && page.locator('#found li').allTextContents());
  await page.locator('#keypad [data-t="key.clear"]').click();
  await marks.click();
  assert.equal(await marks.getAttribute('aria-pressed'), 'true');
  await type('ddaats ddai');
  assert.equal(await page.locator('#query').inputValue(), 'đất đai');
  await eventually(async () => (await page.locator('#found li').allTextContents()).join() === plainly.join());
  await page.locator('#keypad [data-t="key.clear"]').click();
  await type('giaays chuwngs nhaanj quyeenf suwr dungj');
  assert.equal(await page.locator('#query').inputValue(), 'giấy chứng nhận quyền sử dụng');
  await page.locator('#search .back').click();
  await page.locator('button.find').click();
  assert.equal(await marks.getAttribute('aria-pressed'), 'false');
});
