// The display above a counter, and the phone of whoever waits for it, in every language and state.
import assert from 'node:assert/strict';

import { audit } from './lib/audit.mjs';
import { Desk } from './lib/desk.mjs';
import { apply, eventually, hall, issue } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { VIEWPORTS } from './lib/screens.mjs';

const LANGUAGES = ['vi', 'km', 'en'];
const SMALL = { width: 320, height: 568 };
const display = (page, state, ticket = '') => page.locator(`#wall[data-state="${state}"]${ticket ? `[data-ticket="${ticket}"]` : ':not([data-ticket])'}`).waitFor();

test('a counter shows its number, whom it serves, and that it pauses or is closed', async ({ screens, centre: started }) => {
  const centre = await started();
  const { areas } = await hall(centre);
  const desk = await Desk.open(centre.urls.console);
  const page = await screens.open(new URL(`/counter/${desk.number}`, centre.urls.kiosk).href, 'counter');
  const look = async (state, ticket) => {
    await display(page, state, ticket);
    await audit(page, `${state} ${ticket ?? ''}`, { wall: true });
  };
  await look('open');
  const { ticket } = await issue(centre, { area_id: areas[0].id });
  await desk.call();
  await look('open', ticket.number);
  await desk.act('arrive', { ticket_id: ticket.id });
  await desk.act('finish', { ticket_id: ticket.id });
  await look('open');
  await desk.act('pause', { reason: 'Họp' });
  await look('paused');
  await desk.act('close');
  await look('closed');
  await desk.act('open');
  await display(page, 'open');
  await page.setViewportSize({ width: 1280, height: 800 });
  await audit(page, 'a larger one', { wall: true });
});

test('the phone is whole in every language and state', async ({ screens, centre: started }) => {
  const centre = await started();
  const { areas } = await hall(centre);
  const desk = await Desk.open(centre.urls.console);
  await apply(centre, 'answer_seconds = 1');
  const take = async (locale) => issue(centre, { area_id: areas[0].id, locale });
  const tickets = [];
  for (let n = 0; n < 5; n += 1) tickets.push(await take('vi'));
  const last = await take('km');
  const page = await screens.open(last.url, 'phone');
  assert.equal(await page.getAttribute('html', 'lang'), 'km', "the ticket's own language");
  const look = async ({ url }, state) => {
    for (const lang of LANGUAGES) {
      await page.goto(`${url}?lang=${lang}`);
      await page.locator(`[data-slot="ticket"][data-state="${state}"]`).waitFor({ state: 'attached' });
      assert.equal(await page.getAttribute('html', 'lang'), lang);
      await audit(page, `${state} ${lang}`);
      await page.setViewportSize(SMALL);
      await audit(page, `${state} ${lang}, on a small phone`);
      await page.setViewportSize(VIEWPORTS.phone);
    }
  };
  await look(last, 'waiting');
  await look(tickets[0], 'waiting');
  await page.locator('[data-confirm="cancel"]').tap();
  await audit(page, 'asked twice');

  await apply(centre, 'answer_seconds = 1');
  await desk.call();
  await eventually(async () => (await (await fetch(`${tickets[0].url}/state`)).json()).state === 'missed');
  await look(tickets[0], 'missed');
  await apply(centre, 'answer_seconds = 600', 'priority_answer_seconds = 600');
  await desk.call();
  await look(tickets[1], 'called');
  const serve = { ticket_id: tickets[1].ticket.id };
  await desk.act('arrive', serve);
  await look(tickets[1], 'serving');
  await desk.act('hold', { ...serve, reason: 'cashier' });
  await look(tickets[1], 'held');
  await desk.call();
  await desk.act('arrive', { ticket_id: tickets[2].ticket.id });
  await desk.act('finish', { ticket_id: tickets[2].ticket.id });
  await look(tickets[2], 'finished');
  await page.goto(tickets[3].url);
  await page.locator('[data-confirm="cancel"]').tap();
  await page.locator('#confirm-cancel [data-yes]').tap();
  await page.locator('[data-slot="ticket"][data-state="cancelled"]').waitFor();
  await look(tickets[3], 'cancelled');
});

test('the phone opens without a network, with the last state and its time', async ({ screens, centre: started }) => {
  screens.allow(/ERR_INTERNET_DISCONNECTED|Failed to load/);
  const centre = await started();
  const { areas } = await hall(centre);
  const mine = await issue(centre, { area_id: areas[1].id, locale: 'en' });
  const page = await screens.open(mine.url, 'phone');
  await page.locator('html[data-kept]').waitFor();
  await page.waitForFunction(async (key) => Boolean(await caches.match(key)), `${new URL(mine.url).pathname}/last?lang=en`);
  await page.context().setOffline(true);
  await page.goto(mine.url);
  await page.locator('#offline').waitFor();
  const time = await page.locator('[data-slot="ticket"]').getAttribute('data-time');
  assert.match(time, /^\d\d:\d\d:\d\d$/);
  assert.ok((await page.locator('#offline').textContent()).includes(`As of ${time}`));
  await audit(page, 'offline');
  await page.context().setOffline(false);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.locator('#offline').waitFor({ state: 'hidden' });
});
