// The machine at the entrance when something fails: paper, network, a code that is not ours.
import assert from 'node:assert/strict';

import { Entrance } from './lib/entrance.mjs';
import { eventually } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { accessibility } from './lib/screens.mjs';

async function entrance(screens, centre) {
  const machine = screens.served(await Entrance.open(centre));
  await eventually(async () => { const now = await machine.centre(); return now.ready && now.reachable && now.procedures > 0; });
  return machine;
}

const text = (page, selector) => page.locator(selector).textContent();
const accessible = async (page) => assert.deepEqual(await accessibility(page), []);

/** A number of the guidance desk's area, by touch. */
async function take(page) {
  await page.locator('.tile').last().click();
  await page.locator('#tasks-any:visible, #take:visible').first().waitFor();
  if (await page.locator('#tasks-any').isVisible()) await page.locator('#tasks-any').click();
  await page.locator('#take').click();
  await page.locator('#number').waitFor();
  return (await text(page, '#number')).replaceAll(/\s/g, '');
}

const STATES = [
  ['out', 'Máy in hết giấy', 'Máy hết giấy'],
  ['cover', 'Nắp máy in đang mở', 'Nắp máy in đang mở'],
  ['cutter', 'Dao cắt giấy bị kẹt', 'Dao cắt giấy bị kẹt'],
  ['mute', 'Máy in chưa sẵn sàng', 'Máy in đang lỗi'],
];

test('each state of the printer has its screen, and nobody is sent to an empty slot', async ({ screens, centre }) => {
  const machine = await entrance(screens, await centre());
  const page = await screens.open(machine.url, 'kiosk');
  const first = await take(page);
  assert.match(await text(page, '#done-paper'), /lấy phiếu/);
  assert.equal(machine.printer.papers, 1);
  await page.locator('#finish').click();
  machine.printer.state = 'near';
  await page.locator('#near').waitFor();
  assert.ok(await page.locator('#paper').isHidden(), 'a roll that ends soon stops nobody');
  for (const [state, before, after] of STATES) {
    machine.printer.state = state;
    await eventually(async () => (await text(page, '#paper')).includes(before) && page.locator('#paper').isVisible());
    await accessible(page);
    const number = await take(page);
    assert.notEqual(number, first);
    assert.equal(await text(page, '#done-paper'), '', `${state}: no paper, no "take your ticket"`);
    assert.match(await text(page, '#done-why'), new RegExp(`${after}.*${number}`));
    await page.locator('#code').waitFor();
    assert.ok(await page.locator('#slot').isHidden());
    await accessible(page);
    if (state === 'mute') break;
    await page.locator('#finish').click();
  }
  machine.printer.state = 'ok';
  await eventually(async () => (await machine.centre()).printer.ready);
  await page.locator('#reprint').click();
  await eventually(async () => /lấy phiếu/.test(await text(page, '#done-paper')));
  assert.equal(machine.printer.papers, 2);
});

test('without the network numbers go on, and the screen says so', async ({ screens, centre }) => {
  const machine = await entrance(screens, await centre());
  const page = await screens.open(machine.url, 'kiosk');
  await page.locator('.tile').first().waitFor();
  await eventually(async () => (await machine.centre()).offline.gives);
  machine.line.cut();
  await page.locator('#alone').waitFor();
  assert.ok(await page.locator('#offline').isHidden());
  await accessible(page);
  await page.locator('button.find').click();
  await page.locator('#query').fill('cap lai giay chung nhan quyen su dung dat');
  await page.locator('#found li button').first().click();
  await page.locator('#take').click();
  await page.locator('#number').waitFor();
  assert.match((await text(page, '#number')).replaceAll(/\s/g, ''), /^A[789]\d\d$/, 'from the top of the series');
  assert.match(await text(page, '#done-paper'), /lấy phiếu/);
  machine.line.mend();
  await page.locator('#alone').waitFor({ state: 'hidden' });
  await eventually(async () => (await machine.centre()).offline.untold === 0);
});

/** A burst of keys as a scanner types it into whatever has the focus. */
const burst = (page, code) => page.evaluate((keys) => {
  for (const key of [...keys, 'Enter']) {
    const at = document.activeElement ?? document.body;
    const went = at.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    // As the browser does where nobody forbids it.
    if (went && key.length === 1 && at instanceof HTMLInputElement) at.value += key;
  }
}, code);

test('a scanner that types is heard on every screen and writes into none', async ({ screens, centre: started }) => {
  const centre = await started();
  const machine = await entrance(screens, centre);
  const page = await screens.open(machine.url, 'kiosk');
  await page.locator('button.find').click();
  await page.locator('#query').fill('dat');
  await burst(page, 'https://hcc.example.org/d/AbCdEfGhIjKlMnOpQrSt-_');
  await eventually(async () => /trung tâm khác/.test(await text(page, '#scan-title')));
  assert.equal(await page.locator('#query').inputValue(), 'dat', 'the field is as it was');
  await accessible(page);
  const cases = [
    ['00020101021238570010A000000727', 'không phải của Trung tâm'],
    [`${centre.urls.citizen}d/AbCdEfGhIjKlMnOpQrSt-_`, 'Chưa dùng được mã này'],
    ['086158000001|331000001|NGUYEN THI THU NGHIEM|15081958|Nu|Ap Mau, Long Ho|10052021', 'Đã đọc thẻ căn cước'],
  ];
  for (const [code, title] of cases) {
    await burst(page, code);
    await eventually(async () => (await text(page, '#scan-title')).includes(title));
    await accessible(page);
  }
  assert.ok(!/NGUYEN|086158/.test(await text(page, 'body')), 'a card is never shown');
  await page.locator('#scan-home').click();
  await take(page).catch(() => {});
  await page.locator('#number').waitFor();
  // A person's keys are no burst.
  await page.locator('#finish').click();
  await page.locator('button.find').click();
  await page.locator('#query').pressSequentially('khai sinh', { delay: 80 });
  assert.equal(await page.locator('#query').inputValue(), 'khai sinh');
});

test('the screens of a kiosk alone hold in every language and size', async ({ screens, centre }) => {
  const machine = await entrance(screens, await centre());
  for (const viewport of ['kiosk', 'board']) {
    const page = await screens.open(machine.url, viewport, { hasTouch: true });
    await page.locator('.tile').first().waitFor();
    for (const big of [false, true]) {
      if (big) await page.locator('#big').click();
      for (const lang of ['vi', 'km', 'en']) {
        await page.locator(`[data-lang="${lang}"]`).click();
        await burst(page, 'https://hcc.example.org/d/AbCdEfGhIjKlMnOpQrSt-_');
        await page.locator('#scan').waitFor();
        await accessible(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth || document.querySelector('.told').scrollWidth > document.querySelector('.told').clientWidth);
        assert.ok(!wide, `${viewport} ${lang} ${big}: something is cut off`);
        await page.locator('#scan-home').click();
        const cut = await page.evaluate(() => { const home = document.querySelector('#home'); return home.scrollHeight - home.clientHeight; });
        assert.ok(cut <= 1, `${viewport} ${lang} ${big ? 'large' : 'normal'}: the first page is ${cut} px too high`);
      }
    }
  }
});
