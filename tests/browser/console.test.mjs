// An officer's day at the counter, by keyboard only.
import assert from 'node:assert/strict';

import { Counter } from './lib/counter.mjs';
import { apply, focused, hall, issue, link, tabTo } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { plain } from './lib/screens.mjs';

// A page of the counter; another screen's counter is taken over unless told otherwise.
async function open(screens, centre, { take = true } = {}) {
  // How a browser notes that the counter is another screen's.
  screens.allow(/status of 409/);
  const counter = new Counter(await screens.open(centre.urls.console, 'desk'));
  const claim = await (await counter.page.waitForSelector('#console[data-claim]')).getAttribute('data-claim');
  if (claim === 'lost' && take) {
    await tabTo(counter.page, '#take-over');
    await counter.press('Enter');
    await counter.page.locator('#strip').waitFor();
  }
  return counter;
}

// People of the counter's own queue, as many as asked for, on top of whoever waits.
async function people(centre, counter, count) {
  const area = (await hall(centre)).areas[0].id;
  const before = Number(plain(await counter.page.locator('#queue b').textContent()));
  const tickets = [];
  for (let n = 0; n < count; n += 1) tickets.push(await issue(centre, { area_id: area }));
  await counter.waiting(before + count);
  return tickets;
}

test('a counter’s day by keyboard', async ({ screens, centre: started }) => {
  const centre = await started();
  // A minute to undo in, however busy the machine is.
  await apply(centre, 'undo_seconds = 60');
  const counter = await open(screens, centre);
  await people(centre, counter, 6);
  await counter.stands('idle');

  // Called by mistake, taken back, called.
  await counter.press('F2');
  await counter.says('A 001', 'called');
  const undo = counter.page.locator('[data-slot="undo"]');
  assert.match(plain(await undo.textContent()), /^Hoàn tác: gọi A 001 \(\d+ giây\) ?F6$/);
  await counter.press('F6');
  await counter.says(null, 'idle');
  await counter.waiting(6);
  await counter.press('F2');
  await counter.says('A 001', 'called');
  await counter.stands('called');

  // A held key acts once, and a key of an unfinished syllable not at all: the recall after them finds the number called.
  await counter.page.keyboard.down('F2');
  await counter.says('A 001', 'serving');
  await counter.page.keyboard.down('F2');
  await counter.page.keyboard.up('F2');
  await counter.page.evaluate(() => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'F2', isComposing: true, bubbles: true })));
  assert.equal(await counter.number(), 'A 001');
  await counter.stands('serving');

  // To the cashier, the next one meanwhile, absent, and back.
  await counter.press('F7');
  await focused(counter.page, '#hold-dialog input[value="cashier"]');
  await counter.stands('hold');
  await counter.press('Enter');
  await counter.says(null, 'idle');
  await counter.shelf('A 001').filter({ hasText: 'nộp phí, lệ phí' }).waitFor();
  await counter.press('F2');
  await counter.says('A 002', 'called');
  await counter.press('F4');
  await counter.toast('A 002 đã được gọi lại.');
  await counter.stands('recalled');
  await counter.press('F8');
  await counter.toast('A 002 vắng, sẽ được gọi lại sau.');
  await counter.says(null, 'idle');
  await tabTo(counter.page, '[data-slot="shelf"] [data-act="take-back"]');
  await counter.press('Enter');
  await counter.says('A 001', 'serving');

  // Another department.
  await counter.press('F9');
  await focused(counter.page, '#transfer-dialog input');
  await counter.stands('transfer');
  await counter.press('ArrowDown');
  await counter.press('Enter');
  await counter.toast('A 001 đã được chuyển.');
  await counter.says(null, 'idle');

  // A pause with its reason: no call until it ends.
  await counter.press('F10');
  await focused(counter.page, '#pause-dialog input:checked');
  await counter.press('ArrowDown');
  await counter.press('Enter');
  await counter.page.locator('.strip .about').filter({ hasText: 'Họp' }).waitFor();
  await counter.stands('paused');
  await counter.press('F10');
  await counter.page.locator('#main-action[data-act="call"]').waitFor();

  // Words of one's own; Escape leaves without a change.
  await counter.press('F10');
  await focused(counter.page, '#pause-dialog input:checked');
  await tabTo(counter.page, '#pause-dialog .own');
  await counter.page.keyboard.type('sự cố máy in');
  await counter.press('Enter');
  await counter.page.locator('.strip .about').filter({ hasText: 'sự cố máy in' }).waitFor();
  await counter.press('F2');
  await counter.page.locator('#main-action[data-act="call"]').waitFor();
  await counter.press('F9');
  await counter.press('F10');
  await counter.press('Escape');
  await counter.page.locator('#pause-dialog').waitFor({ state: 'hidden' });
  assert.equal(await counter.page.locator('#main-action').getAttribute('data-act'), 'call');

  // Finish only; finish and call.
  await counter.press('F2');
  await counter.says('A 003', 'called');
  await counter.press('Shift+F2');
  await counter.toast('A 003 đã xong.');
  await counter.says(null, 'idle');
});

test('why, and out of turn', async ({ screens, centre: started }) => {
  const centre = await started();
  const counter = await open(screens, centre);
  const [, second] = await people(centre, counter, 3);
  const line = `#drawer tr[data-ticket="${second.ticket.number}"]`;
  const row = `${line} [data-sheet]`;
  await counter.press('F3');
  await focused(counter.page, '#drawer [data-sheet]');
  await counter.stands('drawer');
  await tabTo(counter.page, row);
  // Somebody comes meanwhile: the list is written anew under the officer's hands, the focus stays.
  await people(centre, counter, 1);
  assert.ok(await counter.page.evaluate((wanted) => document.activeElement.matches(wanted), row));
  await counter.press('Enter');
  const sheet = counter.page.locator('#sheet-dialog');
  await sheet.locator('.history li').filter({ hasText: 'Lấy số' }).waitFor();
  await counter.stands('history');
  await counter.press('Escape');
  await sheet.waitFor({ state: 'hidden' });
  await focused(counter.page, row);

  // A class with its reason, then by name.
  await counter.press('Enter');
  await focused(counter.page, '.sheet-acts summary');
  await tabTo(counter.page, '.fold:has([data-do="priority"]) summary');
  await counter.press('Enter');
  await tabTo(counter.page, '#priority-class');
  await counter.press('ArrowDown');
  await tabTo(counter.page, '#priority-reason');
  await counter.page.keyboard.type('đã xem giấy tờ');
  await counter.press('Enter');
  await counter.toast('đã được sửa diện ưu tiên.');
  await counter.page.locator(line).filter({ hasText: 'Ưu tiên' }).waitFor();
  await tabTo(counter.page, row);
  await counter.press('Enter');
  await focused(counter.page, '.sheet-acts summary');
  await counter.press('Enter');
  await tabTo(counter.page, '#call-reason');
  await counter.page.keyboard.type('quay lại theo hẹn');
  await counter.press('Enter');
  await counter.page.locator('.strip .about').filter({ hasText: 'gọi đích danh: quay lại theo hẹn' }).waitFor();
  await counter.press('F3');
  await counter.page.locator('#drawer').waitFor({ state: 'hidden' });

  // Its own history tells both; any number of today is found by itself.
  await tabTo(counter.page, '.why-button');
  await counter.press('Enter');
  await sheet.locator('.history li').filter({ hasText: 'lý do: đã xem giấy tờ' }).waitFor();
  await sheet.locator('.history li').filter({ hasText: 'gọi đích danh' }).waitFor();
  await counter.press('Escape');
  await counter.press('F2');
  await counter.says(null, 'serving');
  await counter.press('Shift+F2');
  await counter.says(null, 'idle');
  await counter.press('F3');
  await tabTo(counter.page, '#find-number input');
  await counter.page.keyboard.type(second.ticket.number.toLowerCase());
  await counter.press('Enter');
  await sheet.locator('.sheet-head').filter({ hasText: 'Đã xong lúc' }).waitFor();
});

test('one screen a counter: the other takes it over', async ({ screens, centre: started }) => {
  const centre = await started();
  const first = await open(screens, centre);
  await people(centre, first, 1);
  await first.page.reload();
  await first.page.locator('#console[data-claim="mine"]').waitFor();

  // A duplicated tab inherits the storage of the first, but not its counter.
  const [twin] = await Promise.all([
    first.page.context().waitForEvent('page'),
    first.page.evaluate(() => { open(location.href); }),
  ]);
  await twin.locator('#lost').waitFor();
  await twin.close();
  await first.page.locator('#console[data-claim="mine"]').waitFor();

  const second = await open(screens, centre, { take: false });
  await second.page.locator('#lost').waitFor();
  assert.match(plain(await second.page.locator('#lost h2').textContent()), /^Quầy 1 đang mở ở màn hình khác \(.+\)$/);
  await second.stands('elsewhere');
  await tabTo(second.page, '#take-over');
  await second.press('Enter');
  await second.page.locator('#strip').waitFor();
  await first.page.locator('#lost').waitFor();
  await first.press('F2');
  await second.press('F2');
  await second.page.locator('#main-action[data-act="arrive"]').waitFor();
  await first.page.locator('[data-slot="current"][data-state="called"]').waitFor({ state: 'attached' });
  await first.press('F8');
  await second.press('F2');
  await second.page.locator('#main-action[data-act="next"]').waitFor();
  await second.press('Shift+F2');
  await second.says(null, 'idle');

  // Left without closing: nobody works it, nobody need be asked.
  await tabTo(second.page, '#menu');
  await second.press('Enter');
  await focused(second.page, '#settings-dialog input');
  await tabTo(second.page, '#settings-dialog [data-act="leave"]');
  await second.press('Enter');
  await second.page.locator('#console[data-claim="free"]').waitFor();
  assert.equal(plain(await second.page.locator('#lost h2').textContent()), 'Chưa có màn hình nào nhận Quầy 1');
  await second.stands('nobody');
  await first.page.locator('#console[data-claim="free"]').waitFor();
  const third = await open(screens, centre, { take: false });
  await third.page.locator('#console[data-claim="mine"]').waitFor();
  await second.page.locator('#console[data-claim="lost"]').waitFor();
  await third.page.goto('about:blank');
  await second.page.locator('#console[data-claim="free"]').waitFor();
  await tabTo(second.page, '#take-over');
  await second.press('Enter');
  await second.page.locator('#console[data-claim="mine"]').waitFor();
});

test('two press for the same number: the slower one hears who was faster', async ({ screens, centre: started }) => {
  const centre = await started();
  const slow = await open(screens, centre);
  if (await slow.number()) await slow.press('Shift+F2');
  await slow.says(null, 'idle');
  await people(centre, slow, 2);
  // From here on nobody tells this page anything by itself.
  await slow.page.route(/\/console\/[^/]+\/(events|state)$/, () => {});
  await slow.page.reload();
  await slow.page.locator('#console[data-claim="mine"]').waitFor();
  const [first, second] = (await slow.page.locator('#drawer .number').allTextContents()).map(plain);
  screens.allow(/status of 409/);
  const quick = new Counter(await screens.open(await link(centre, 'console/2'), 'desk'));
  await quick.page.locator('#console[data-claim="mine"]').waitFor();
  await quick.press('F2');
  await quick.says(first, 'called');

  await slow.press('F2');

  await slow.toast(`Số ${first} vừa được Quầy 2 gọi. Đã gọi ${second}.`);
  await slow.says(second, 'called');
  await slow.stands('lost-race');
  for (const counter of [slow, quick]) {
    await counter.press('Shift+F2');
    await counter.says(null, 'idle');
  }
});

test('who begins the dossier has met the citizen', async ({ screens, centre: started }) => {
  const centre = await started();
  const counter = await open(screens, centre);
  await people(centre, counter, 1);
  await counter.press('F2');
  await counter.page.locator('#main-action[data-act="arrive"]').waitFor();
  await tabTo(counter.page, '#full_name');
  await counter.page.keyboard.type('Nguyễn Thị Mẫu');
  await counter.page.locator('#main-action[data-act="next"]').waitFor();
  assert.equal(await counter.page.locator('#full_name').inputValue(), 'Nguyễn Thị Mẫu', 'nothing typed is lost');
  await counter.press('Escape');
  await counter.press('Escape');
  await counter.press('Shift+F2');
  await counter.says(null, 'idle');
});

test('nobody came in time: missed, and called again', async ({ screens, centre: started }) => {
  const centre = await started();
  const counter = await open(screens, centre);
  await people(centre, counter, 1);
  await apply(centre, 'answer_seconds = 1');
  await counter.press('F2');
  const missed = counter.page.locator('[data-slot="shelf"]').filter({ hasText: 'Lỡ lượt' });
  await missed.waitFor();
  await counter.says(null, 'idle');
  await counter.stands('missed');
  await apply(centre, 'answer_seconds = 600', 'priority_answer_seconds = 600');
  await tabTo(counter.page, '[data-slot="shelf"] [data-act="call-ticket"]');
  await counter.press('Enter');
  await counter.page.locator('#main-action[data-act="arrive"]').waitFor();
  await counter.page.locator('.strip .chip.clock').filter({ hasText: /^Chờ đến \d+:\d\d$/ }).waitFor();
});

test('numbers that come by themselves, and a counter that closes', async ({ screens, centre: started }) => {
  const centre = await started();
  const counter = await open(screens, centre);
  const settings = async (press) => {
    await tabTo(counter.page, '#menu');
    await counter.press('Enter');
    await focused(counter.page, '#settings-dialog input');
    await press();
  };
  await apply(centre, 'undo_seconds = 60');
  if (await counter.number()) await counter.press('Shift+F2');
  await counter.says(null, 'idle');
  await settings(async () => {
    await counter.stands('settings');
    await counter.press('Space');
    await tabTo(counter.page, '#settings-dialog [name="auto_call"]');
    await counter.press('Space');
    await counter.press('Enter');
  });
  await issue(centre, { area_id: (await hall(centre)).areas[0].id });
  await counter.page.locator('#main-action[data-act="arrive"]').waitFor();
  await counter.page.locator('.strip .why').filter({ hasText: 'tự động gọi' }).waitFor();
  // Taken back, it does not come again by itself at once.
  await counter.press('F6');
  await counter.page.locator('.strip .about').filter({ hasText: 'Tự động gọi tạm ngừng' }).waitFor();
  await counter.stands('by-itself-halted');
  await counter.press('F2');
  await counter.page.locator('#main-action[data-act="arrive"]').waitFor();
  await settings(async () => {
    assert.ok(await counter.page.locator('#settings-dialog [value="km"]').isChecked());
    assert.ok(await counter.page.locator('.close-counter').isDisabled(), 'a number is on the board');
    await tabTo(counter.page, '#settings-dialog [name="auto_call"]');
    await counter.press('Space');
    await counter.press('Enter');
  });
  await counter.page.locator('#settings-dialog').waitFor({ state: 'hidden' });
  await counter.page.locator('#main-action:not([aria-busy])').waitFor();
  await counter.press('Shift+F2');
  await counter.says(null, 'idle');

  await settings(async () => {
    await tabTo(counter.page, '.close-counter');
    await counter.press('Enter');
  });
  await counter.page.locator('.strip .about').filter({ hasText: 'Quầy đang đóng' }).waitFor();
  await counter.stands('closed');
  await counter.page.reload();
  await counter.page.locator('#main-action[data-act="open"]').waitFor();
  await counter.press('F2');
  await counter.page.locator('#console[data-claim="mine"]').waitFor();
  await counter.page.locator('#main-action[data-act="call"]').waitFor();
});

test('an act without a net is kept, said, and done once', async ({ screens, centre: started }) => {
  const centre = await started();
  screens.allow(/ERR_INTERNET_DISCONNECTED/);
  const counter = await open(screens, centre);
  if (await counter.number()) await counter.press('Shift+F2');
  await counter.says(null, 'idle');
  await people(centre, counter, 2);
  const context = counter.page.context();
  await context.setOffline(true);
  await counter.press('F2');
  await counter.page.locator('#banner').filter({ hasText: 'Thao tác chưa được ghi, đang thử lại.' }).waitFor();
  await counter.stands('offline');
  await context.setOffline(false);
  await counter.page.locator('#main-action[data-act="arrive"]').waitFor();
  await counter.page.locator('#banner').waitFor({ state: 'hidden' });
  await counter.press('F2');
  await counter.page.locator('#main-action[data-act="next"]').waitFor();
});
