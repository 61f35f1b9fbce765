// The holder of a paper changes their mind: moves the number back, gives it back.
import assert from 'node:assert/strict';

import { eventually, hall, issue } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { accessibility } from './lib/screens.mjs';

test('a number is moved back and given back by its holder, asked twice', async ({ screens, centre: started }) => {
  const centre = await started();
  const area = (await hall(centre)).areas[1].id;
  const mine = await issue(centre, { area_id: area });
  await issue(centre, { area_id: area });
  const phone = await screens.open(mine.url, 'phone');
  const state = () => phone.locator('[data-slot="ticket"]').getAttribute('data-state');
  const ahead = () => phone.locator('[data-slot="ticket"]').getAttribute('data-ahead');
  await eventually(async () => (await ahead()) === '0');

  await phone.locator('[data-confirm="postpone"]').tap();
  const postpone = phone.locator('#confirm-postpone');
  assert.deepEqual(await accessibility(phone), []);
  await postpone.locator('[data-no]').tap();
  await postpone.waitFor({ state: 'hidden' });
  assert.equal(await ahead(), '0', 'nothing was sent');
  await phone.locator('[data-confirm="postpone"]').tap();
  await postpone.locator('[data-yes]').tap();
  await postpone.waitFor({ state: 'hidden' });
  await eventually(async () => (await ahead()) === '1');

  await phone.locator('[data-confirm="cancel"]').tap();
  assert.deepEqual(await accessibility(phone), []);
  await phone.locator('#confirm-cancel [data-yes]').tap();
  await eventually(async () => (await state()) === 'cancelled');
  await phone.locator('.own').waitFor({ state: 'hidden' });
});
