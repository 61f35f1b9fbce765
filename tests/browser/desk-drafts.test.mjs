// What is typed and scanned at the dossier desk: files of each paper, and drafts that a crash leaves.
import assert from 'node:assert/strict';

import { focused, tabTo } from './lib/hall.mjs';
import { BADGE, Reception } from './lib/reception.mjs';
import { test } from './lib/runner.mjs';

const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF');

/** Answers the browser's question for a file with whatever is to be attached next; set up before anybody asks. */
function answerWith(page) {
  const answer = {};
  page.on('filechooser', (chooser) => {
    const given = chooser.setFiles(answer.file);
    answer.given(given);
  });
  return answer;
}

/** Attaches a file to the n-th paper, by the browser's own question. */
async function attach(desk, answer, ordinal, name, buffer, mimeType = 'application/pdf') {
  await tabTo(desk.page, `.paper[data-ordinal="${ordinal}"] .attach input`);
  answer.file = { name, mimeType, buffer };
  const given = new Promise((resolve) => { answer.given = resolve; });
  await desk.press('Enter');
  await given;
}

const toast = (desk, text) => desk.page.locator('.toast.bad').filter({ hasText: text }).first().waitFor();

test('scans of each paper: kept, refused, read back by staff only', async ({ screens, centre: started }) => {
  const centre = await started();
  const desk = await Reception.open(screens, centre);
  const answer = answerWith(desk.page);
  await desk.choose(BADGE);
  await desk.takeCase(1);
  await attach(desk, answer, 1, 'Tờ khai ký.pdf', PDF);
  const file = desk.page.locator('.paper[data-ordinal="1"] .file a');
  await file.filter({ hasText: 'Tờ khai ký.pdf' }).waitFor();
  assert.ok(await desk.page.locator('#paper-1').isChecked(), 'what is scanned is there');
  await desk.accessible();

  await attach(desk, answer, 2, 'ảnh.png', PDF, 'image/png');
  await toast(desk, 'Nội dung tệp không đúng như tên tệp');
  await attach(desk, answer, 2, 'lớn.pdf', Buffer.concat([PDF, Buffer.alloc(10 * 1024 * 1024)]));
  await toast(desk, 'lớn hơn 10 MB');
  await attach(desk, answer, 2, 'trang.html', Buffer.from('<html>'), 'text/html');
  await toast(desk, 'Chỉ nhận tệp PDF, JPG hoặc PNG');
  assert.equal(await desk.page.locator('.paper[data-ordinal="2"] .file').count(), 0);

  await tabTo(desk.page, '#paper-2');
  await desk.press('Space');
  await desk.scan();
  await focused(desk.page, '#phone');
  const href = new URL(await file.getAttribute('href'), desk.page.url()).href;
  await desk.accept();
  const read = await desk.page.context().request.get(href);
  assert.deepEqual([read.status(), read.headers()['content-type'], (await read.body()).equals(PDF)], [200, 'application/pdf', true]);
  assert.match(read.headers()['content-security-policy'], /default-src 'none'/);
  const stranger = await fetch(href);
  assert.equal(stranger.status, 401, 'nobody without a session reads a scan');
});

test('a draft survives the browser, and nothing of it survives the dossier', async ({ screens, centre: started }) => {
  const centre = await started();
  const desk = await Reception.open(screens, centre, 3);
  const answer = answerWith(desk.page);
  await desk.choose(BADGE);
  await desk.takeCase(2);
  await attach(desk, answer, 1, 'Tờ khai.pdf', PDF);
  await desk.page.locator('.file a').waitFor();
  await desk.scan();
  await focused(desk.page, '#phone');
  await desk.page.keyboard.type('0912345678');
  await tabTo(desk.page, '[name="owner"]');
  await desk.press('ArrowRight');
  await desk.type('#owner_full_name', 'Trần Văn Chủ');
  await desk.push('#fee-add');
  await desk.page.keyboard.type('Phí sao chụp');
  await desk.type('.fee:last-child [data-fee="amount"]', '20000');
  assert.equal((await desk.drafts()).length, 1);

  // The browser dies and comes back.
  const address = desk.page.url();
  const context = desk.page.context();
  await desk.page.close({ runBeforeUnload: false });
  const again = new Reception(await context.newPage());
  await again.page.goto(address);
  await again.says('#draft-text', 'Có bản nháp chưa hoàn tất');
  await again.accessible();
  assert.equal(await again.value('#full_name'), '', 'nothing comes back unasked');
  await again.push('#draft-restore');
  await focused(again.page, '#full_name');
  assert.deepEqual(
    await Promise.all(['#full_name', '#phone', '#owner_full_name', '.fee:last-child [data-fee="amount"]'].map((one) => again.value(one))),
    ['NGUYỄN THỊ THỬ NGHIỆM', '0912345678', 'Trần Văn Chủ', '20000'],
  );
  assert.equal(await again.text('.file a'), 'Tờ khai.pdf');
  await again.says('#due-why', '08 giờ');
  assert.ok(await again.page.locator('#draft').isHidden());

  // Finished: accepted with the file of before, and the machine has forgotten.
  await tabTo(again.page, '#authorisation');
  await again.press('ArrowDown');
  await again.type('#authorisation_paper', 'số 12/2026');
  await again.tickAll();
  await again.accept();
  assert.deepEqual(await again.drafts(), []);

  // Thrown away: forgotten as well.
  await again.push('#again');
  await again.type('#full_name', 'Người Khác');
  assert.equal((await again.drafts()).length, 1);
  await again.page.close({ runBeforeUnload: false });
  const third = new Reception(await context.newPage());
  await third.page.goto(address);
  await third.says('#draft-text', 'Có bản nháp chưa hoàn tất');
  await third.push('#draft-discard');
  await focused(third.page, '#q');
  assert.deepEqual(await third.drafts(), []);
  await third.type('#full_name', 'Người Khác Nữa');
  await third.press('Escape');
  await third.press('Escape');
  assert.deepEqual([await third.value('#full_name'), await third.drafts()], ['', []]);
});
