// node pictures.mjs [FOLDER]: walks through a day and takes the README's picture of every screen.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Centre } from './lib/centre.mjs';
import { Screens, launch, qr } from './lib/screens.mjs';

const folder = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), 'pictures');
await mkdir(folder, { recursive: true });
const browser = await launch();
const screens = new Screens(browser);
const centre = await Centre.start();
const shoot = (page, name) => page.screenshot({ path: join(folder, `${name}.png`) });

async function issue(target, n) {
  const answer = await fetch(new URL('/api/tickets', centre.urls.kiosk), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `picture-${n}` },
    body: JSON.stringify(target),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

try {
  let hall;
  do hall = await (await fetch(new URL('/api/centre', centre.urls.kiosk))).json();
  while (!hall.ready || hall.procedures === 0);
  let n = 0;
  for (const [index, area] of hall.areas.entries()) {
    for (let k = 0; k < 2 + ((index * 5) % 4); k += 1) {
      const priority = k === 1 && index % 2 === 0 ? hall.priority_classes?.[0]?.id : undefined;
      await issue({ area_id: area.id, priority_class: priority ?? '' }, (n += 1));
    }
  }
  const kiosk = await screens.open(centre.urls.kiosk, 'board');
  await kiosk.locator('[data-wait]').filter({ hasText: /\d người chờ/ }).first().waitFor();
  await shoot(kiosk, 'kiosk-home');
  await kiosk.locator('button.find').click();
  await kiosk.locator('#query').fill('dang ky bien dong');
  await kiosk.locator('#found li button').first().waitFor();
  await shoot(kiosk, 'kiosk-search');
  await kiosk.locator('#found li button').first().click();
  await kiosk.locator('#take').waitFor();
  await shoot(kiosk, 'kiosk-confirm');
  await kiosk.locator('#take').click();
  await kiosk.locator('#number').waitFor();
  await shoot(kiosk, 'kiosk-done');

  const board = await screens.open(centre.urls.board, 'board');
  const desk = await screens.open(centre.urls.console, 'desk');
  const press = async (before, after) => {
    await desk.locator(`#main-action[data-act="${before}"]`).waitFor();
    await desk.keyboard.press('F2');
    await desk.locator(`#main-action[data-act="${after}"]`).waitFor();
  };
  await press('call', 'arrive');
  await press('arrive', 'next');
  await desk.keyboard.press('F7');
  await desk.locator('#hold-dialog[open]').waitFor();
  await desk.keyboard.press('Enter');
  await press('call', 'arrive');
  await press('arrive', 'next');
  await board.locator('[data-ticket]').first().waitFor();
  await shoot(board, 'board');
  await shoot(desk, 'console-serving');

  const pick = desk.locator('#procedure h3');
  if (!(await pick.count())) {
    await desk.locator('input[type="search"]').first().fill('cap lai giay chung nhan');
    await desk.locator('[role="option"], #results button, #results li').first().click();
  }
  await pick.waitFor();
  for (const box of await desk.locator('#papers input[type="checkbox"]').all()) await box.check();
  await desk.locator('#full_name').fill('Nguyễn Thị Ngọc Mẫu');
  await desk.locator('#phone').fill('0912345678');
  await shoot(desk, 'desk');
  await desk.locator('#accept').click();
  await desk.locator('#accepted').waitFor();
  await shoot(desk, 'desk-accepted');
  const link = qr(await desk.locator('#accepted-qr').screenshot());

  await desk.locator('#tab-dossiers').click();
  for (const move of ['forward', 'complete']) {
    await desk.locator(`[data-move="${move}"]`).first().click();
    await desk.locator(`[data-move="${move}"]`).first().waitFor({ state: 'detached' });
  }
  await shoot(desk, 'desk-dossiers');
  const receipt = await screens.open(link, 'phone');
  await receipt.locator('.timeline').waitFor();
  await shoot(receipt, 'phone-dossier');

  const waiting = await issue({ area_id: hall.areas[1].id }, 'phone');
  const phone = await screens.open(waiting.url ?? waiting.ticket_url ?? waiting.track_url, 'phone');
  await phone.locator('[data-slot="ticket"]').waitFor({ state: 'attached' });
  await shoot(phone, 'phone-ticket');
  const manager = await screens.open(centre.urls.manager, 'desk');
  await manager.getByText('•••').first().waitFor();
  await shoot(manager, 'manager');
  const admin = await screens.open(centre.urls.admin, 'desk');
  await shoot(admin, 'admin');
  const citizen = await screens.open(centre.urls.citizen, 'phone');
  await shoot(citizen, 'citizen');
  for (const line of screens.unexpected()) console.error(line);
} catch (error) {
  for (const [index, [name, page]] of screens.pages.entries()) await page.screenshot({ path: join(folder, `failed-${index}-${name}.png`) }).catch(() => {});
  console.error(screens.unexpected().join('\n'));
  throw error;
} finally {
  await screens.close();
  await browser.close();
  await centre.stop();
}
