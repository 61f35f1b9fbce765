// The phone page of a dossier with plain forms: a rating once the result was returned, in three languages.
import assert from 'node:assert/strict';

import { Desk } from './lib/desk.mjs';
import { eventually, link, tabTo } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { accessibility, plain } from './lib/screens.mjs';

const text = async (page, selector) => plain(await page.locator(selector).first().textContent());
const accessible = async (page, what) => assert.deepEqual(await accessibility(page), [], what);
const SMALL = { viewport: { width: 360, height: 740 } };

/** The page of a dossier, once status knows it. */
async function followed(screens, dossier, options = SMALL) {
  const phone = await screens.open(dossier.tracking_url, 'phone', options);
  await phone.locator('ol.timeline').waitFor();
  return phone;
}

test('a result is rated on a phone without any script, and thought over', async ({ screens, centre: started }) => {
  const centre = await started();
  const desk = await Desk.open(await link(centre, 'desk/1'));
  const dossier = await desk.receive('tách thửa');
  await desk.move(dossier, 'forward');
  const phone = await followed(screens, dossier, { ...SMALL, javaScriptEnabled: false });
  assert.equal(await phone.locator('#rate').count(), 0, 'nothing to rate yet');
  await desk.move(dossier, 'complete');
  await desk.move(dossier, 'return', { collector_name: 'Thạch Thị Sa Rây', collector_relation: 'Chủ hồ sơ' });

  await phone.reload();
  await phone.locator('#rate .scores label').nth(4).click();
  await phone.locator('#rate textarea').fill('Chờ lâu ở quầy 3');
  await phone.getByRole('button', { name: 'Gửi đánh giá' }).click();
  await phone.locator('#rate-title', { hasText: 'Cảm ơn ông/bà đã đánh giá: 1/5, rất không hài lòng.' }).waitFor();
  assert.match(await text(phone, '.timeline li'), /đã đánh giá/);

  // Thought over by keyboard, in another language.
  const again = await followed(screens, dossier);
  await accessible(again, 'rated');
  await again.getByRole('link', { name: 'English' }).click();
  await again.locator('#rate-title', { hasText: 'Thank you for your rating: 1/5' }).waitFor();
  await tabTo(again, '#rate summary');
  await again.keyboard.press('Enter');
  await tabTo(again, '[name="score"]:checked');
  await again.keyboard.press('ArrowUp');
  await accessible(again, 'a rating that is changed');
  await tabTo(again, '#rate button');
  await again.keyboard.press('Enter');
  await again.locator('#rate-title', { hasText: '2/5, dissatisfied' }).waitFor();
  assert.equal(await again.locator('html').getAttribute('lang'), 'en');
  await again.goto(`${dossier.tracking_url}?lang=km`);
  await again.locator('#rate-title', { hasText: 'អរគុណ' }).waitFor();
  await accessible(again, 'in Khmer');

  // The manager reads it, and finds the dossier behind the score.
  const manager = await screens.open(centre.urls.manager, 'desk');
  await eventually(async () => {
    await manager.goto(new URL('/manager/statistics?range=today', manager.url()).href);
    return (await manager.locator('#ratings-desc').textContent()).includes('mức 2 1');
  });
  await accessible(manager, 'ratings');
  await manager.locator('a[href*="happening=rated"]').click();
  await manager.locator('td.code', { hasText: dossier.code }).waitFor();
});
