// The phone page of a dossier with plain forms, in three languages: a rating once the result was returned, and more of it
// for whoever knows the phone number.
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

test('four digits of the phone number show more on a small phone, and few tries are given', async ({ screens, centre: started }) => {
  const centre = await started();
  const desk = await Desk.open(await link(centre, 'desk/1'));
  const dossier = await desk.receive('tách thửa', { phone: '0912345678' }, { components: [{ ordinal: 1, originals: 1, certified_copies: 0, copies: 0 }] });
  const phone = await followed(screens, dossier);
  await accessible(phone, 'the question');
  screens.allow(/status of 4(22|29)/);
  await tabTo(phone, '[name="digits"]');
  await phone.keyboard.type('1234');
  await phone.keyboard.press('Enter');
  await phone.locator('#more-problem', { hasText: 'Còn 4 lần thử' }).waitFor();
  await accessible(phone, 'wrong digits');
  await phone.locator('[name="digits"]').fill('5678');
  await phone.getByRole('button', { name: 'Xem', exact: true }).click();
  await phone.locator('#more-title', { hasText: dossier.code }).waitFor();
  const seen = plain(await phone.locator('main').textContent());
  assert.match(seen, /Chủ hồ sơ\s*Nguyễn T\. T\. N\./);
  assert.ok(!seen.includes('Nghiệm') && !seen.includes('5678') && !seen.includes('0912'), seen);
  await accessible(phone, 'opened');
  const form = await phone.locator('form.paper').evaluate((own) => ({ action: own.getAttribute('action'), digits: own.elements.digits.value }));
  const pdf = await phone.request.post(new URL(form.action, phone.url()).href, { form: { digits: form.digits } });
  assert.equal(pdf.status(), 200);
  assert.equal((await pdf.body()).subarray(0, 5).toString(), '%PDF-');
  // On paper only what is read there.
  await phone.emulateMedia({ media: 'print' });
  assert.ok(!(await phone.locator('form.paper').isVisible()) && !(await phone.locator('.languages').isVisible()));
  assert.ok(await phone.locator('.more dl').isVisible());
  await phone.emulateMedia({ media: 'screen' });

  // Five wrong ones rest; in the inner browsers of other programs it is the same page without a script.
  const zalo = await followed(screens, dossier, { ...SMALL, javaScriptEnabled: false, userAgent: 'Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/90 Mobile Safari/537.36 Zalo/1.0' });
  for (let n = 0; n < 5; n += 1) {
    await zalo.locator('[name="digits"]').fill('0000');
    await zalo.locator('#more button').click();
    await zalo.locator('#more-problem').waitFor();
  }
  assert.match(await text(zalo, '#more-problem'), /Đã thử sai nhiều lần\. Mời thử lại sau 08:1\d/);
  await zalo.getByRole('link', { name: 'English' }).click();
  await zalo.locator('[name="digits"]').fill('5678');
  await zalo.locator('#more button').click();
  assert.match(await text(zalo, '#more-problem'), /Too many wrong tries/);
  await zalo.goto(`${dossier.tracking_url}?lang=km`);
  await accessible(await followed(screens, { tracking_url: `${dossier.tracking_url}?lang=km` }), 'the question in Khmer');
});
