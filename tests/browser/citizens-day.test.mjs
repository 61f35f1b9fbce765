// One citizen's day, on every screen that takes part in it.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from './lib/runner.mjs';
import { accessibility, qr } from './lib/screens.mjs';

const NAME = 'Nguyễn Thị Mẫu';
const PHONE = '0912345678';
const ID_NUMBER = '086190000001';

const plain = (text) => text.replaceAll(/\s/g, '');

async function accessible(...pages) {
  for (const page of pages) assert.deepEqual(await accessibility(page), [], page.url());
}

// Asks until it is there; the deadline is the runner's.
async function eventually(ask) {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function takeNumber(kiosk, words) {
  await kiosk.locator('button.find').click();
  await kiosk.locator('#query').fill(words);
  await kiosk.locator('#found li button').first().click();
  await accessible(kiosk);
  await kiosk.locator('#take').click();
  const number = kiosk.locator('#number');
  await number.waitFor();
  return eventually(async () => plain(await number.textContent()));
}

// The state of the phone's page; its called screen covers everything.
const phoneSays = (phone, state) =>
  phone.locator(`[data-slot="ticket"][data-state="${state}"]`).waitFor({ state: 'attached' });

// The picture of the ticket that the folder printer wrote.
async function ticketPaper(centre, number) {
  const folder = join(centre.data, 'printed');
  const file = await eventually(async () => (await readdir(folder)).find((name) => name.startsWith(number) && name.endsWith('.png')));
  return readFile(join(folder, file));
}

test('a number, a call, a dossier, a receipt', async ({ screens, centre: started }) => {
  const centre = await started();
  const kiosk = await screens.open(centre.urls.kiosk, 'kiosk');
  const board = await screens.open(centre.urls.board, 'board');
  const desk = await screens.open(centre.urls.console, 'desk');
  await kiosk.locator('.tile').first().waitFor();
  await accessible(kiosk, board, desk);

  // At the entrance: without diacritics, as people type.
  const number = await takeNumber(kiosk, 'cap lai giay chung nhan quyen su dung dat');
  assert.match(number, /^A\d{3}$/);
  const ticketUrl = qr(await ticketPaper(centre, number));
  assert.ok(ticketUrl?.startsWith(new URL('/t/', centre.urls.citizen).href), `the ticket's code says ${ticketUrl}`);

  const phone = await screens.open(ticketUrl, 'phone');
  await phoneSays(phone, 'waiting');
  assert.ok(plain(await phone.locator('main').textContent()).includes(number));
  await accessible(phone);

  // At the counter: one key.
  await eventually(async () => plain(await desk.locator('#queue').textContent()).startsWith('1'));
  await desk.keyboard.press('F2');
  await board.locator(`[data-ticket="${number}"][data-counter="1"]`).first().waitFor();
  await phoneSays(phone, 'called');
  await phone.locator('.called').waitFor();
  await accessible(board, phone);
  await desk.locator('#main-action[data-act="arrive"]').click();
  await phoneSays(phone, 'serving');

  // The dossier: the procedure came with the ticket.
  await desk.locator('#procedure h3').waitFor();
  for (const box of await desk.locator('#papers input[type="checkbox"]').all()) await box.check();
  await desk.locator('#full_name').fill(NAME);
  await desk.locator('#id_number').fill(ID_NUMBER);
  await desk.locator('#phone').fill(PHONE);
  assert.notEqual(plain(await desk.locator('#due-date').textContent()), '', 'the due date is shown before saving');
  await desk.locator('#accept').click();
  await desk.locator('#accepted').waitFor();
  const code = plain(await desk.locator('#accepted-code').textContent());
  assert.match(code, /^000\.00\.\d\d\.H61-261123-0001$/);
  await accessible(desk);

  const pdf = await desk.context().request.get(new URL(await desk.locator('#accepted-pdf').getAttribute('href'), desk.url()).href);
  assert.equal((await pdf.body()).subarray(0, 5).toString(), '%PDF-');
  const receiptUrl = await eventually(async () => qr(await desk.locator('#accepted-qr').screenshot()));
  assert.ok(receiptUrl.startsWith(new URL('/d/', centre.urls.citizen).href), `the receipt's code says ${receiptUrl}`);

  const receipt = await screens.open(receiptUrl, 'phone');
  const page = await eventually(async () => {
    const html = await receipt.content();
    return html.includes('timeline') && html;
  });
  for (const secret of [NAME, PHONE, PHONE.slice(1), ID_NUMBER, code]) assert.ok(!page.includes(secret), `the page shows ${secret}`);
  await accessible(receipt);

  await desk.locator('#main-action[data-act="next"]').click();
  await phoneSays(phone, 'finished');
});

test('the same tap twice gives one number', async ({ screens, centre: started }) => {
  const centre = await started();
  const kiosk = await screens.open(centre.urls.kiosk, 'kiosk');
  const taps = [];
  kiosk.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/tickets')) taps.push(request);
  });
  // However early: a tap before the page has heard the centre is done when it has.
  let hear;
  const heard = new Promise((resolve) => { hear = resolve; });
  await kiosk.route(/\/events/, async (route) => {
    await heard;
    await route.continue();
  });
  await kiosk.reload();
  await kiosk.locator('.tile').first().click();
  hear();
  await kiosk.locator('#tasks-any').click();
  await kiosk.locator('#take').dblclick();
  const number = kiosk.locator('#number');
  await number.waitFor();
  const shown = await eventually(async () => plain(await number.textContent()));
  const keys = new Set(taps.map((tap) => tap.headers()['idempotency-key']));
  assert.equal(keys.size, 1, 'two taps, one request id');

  // Sent once more, as by a page that heard no answer.
  const [key] = keys;
  const again = await fetch(taps[0].url(), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: taps[0].postData(),
  });
  assert.equal((await again.json()).ticket.number, shown);
});
