// Receptions at the dossier desk, by keyboard only: accepted, asked for papers, refused, explained.
import assert from 'node:assert/strict';

import { focused, tabTo } from './lib/hall.mjs';
import { BADGE, Reception } from './lib/reception.mjs';
import { test } from './lib/runner.mjs';

test('a dossier on behalf of somebody, with its case and fees, and the next one of the same visit', async ({ screens, centre: started }) => {
  const centre = await started();
  const desk = await Reception.open(screens, centre);
  await desk.accessible();

  // The case decides the date.
  await desk.choose(BADGE);
  assert.ok(await desk.page.locator('#due').isHidden(), 'no date before a case is chosen');
  await desk.takeCase(1);
  await desk.says('#due-why', '02 ngày làm việc');
  await desk.press('ArrowDown');
  await desk.says('#due-why', '08 giờ');
  await desk.accessible();

  // A card fills the person; what is no card says so and fills nothing.
  await desk.scan('khong phai the');
  await desk.says('#problem-card', 'không phải thẻ căn cước');
  await desk.scan();
  await focused(desk.page, '#phone');
  assert.deepEqual(
    [await desk.value('#full_name'), await desk.value('#id_number'), await desk.value('#card')],
    ['NGUYỄN THỊ THỬ NGHIỆM', '086199000001', ''],
  );
  await desk.page.keyboard.type('0912345678');

  // What is missing is named, twice: before and when one tries.
  await desk.says('#missing', 'Còn thiếu 2: Giấy đề nghị cấp phù hiệu; Bản sao giấy đăng ký xe ô tô');
  await desk.press('Enter');
  await desk.says('[data-problem="components"]', 'Giấy đề nghị cấp phù hiệu (1 bản chính)');
  await desk.accessible();
  await tabTo(desk.page, '#paper-1');
  await desk.press('Space');
  await desk.says('#missing', 'Còn thiếu 1: Bản sao giấy đăng ký xe ô tô');
  await tabTo(desk.page, '.paper[data-ordinal="2"] .waive');
  await desk.press('Enter');
  await desk.says('#missing', 'Đủ thành phần hồ sơ.');

  // For an organisation: its name and the paper that lets the submitter act.
  await tabTo(desk.page, '[name="owner"]');
  await desk.press('ArrowRight');
  await desk.press('ArrowRight');
  await desk.push('#accept');
  await desk.says('#problem-owner_full_name', 'tên chủ hồ sơ');
  await desk.says('#problem-authorisation', 'giấy tờ cho phép nộp thay');
  await desk.accessible();
  await desk.type('#owner_full_name', 'Công ty TNHH Vận tải Mẫu');
  await desk.type('#owner_tax_code', '12345');
  await tabTo(desk.page, '#authorisation');
  await desk.press('ArrowDown');
  await desk.press('ArrowDown');
  await desk.type('#authorisation_paper', 'GGT-07/2026');
  await desk.push('#accept');
  await desk.says('#problem-owner_tax_code', 'Mã số thuế có 10 chữ số');
  await focused(desk.page, '#owner_tax_code');
  await desk.type('#owner_tax_code', '0123456789');

  // Fees: never negative, paid with the cashier's number.
  await desk.push('#fee-add');
  await desk.page.keyboard.type('Phí cấp biển hiệu');
  await desk.type('.fee:last-child [data-fee="amount"]', '-5');
  await desk.push('#accept');
  await desk.says('[data-problem="fees"]', 'số tiền không được âm');
  await desk.type('.fee:last-child [data-fee="amount"]', '35.000');
  await desk.type('.fee:last-child [data-fee="receipt_number"]', 'BL-0012');
  await desk.says('#fee-total', 'đã nộp 35.000 đồng');

  await tabTo(desk.page, '[name="return_channel"]');
  await desk.press('ArrowRight');
  await desk.push('#accept');
  await desk.says('#problem-return_address', 'cần địa chỉ nhận');
  await desk.type('#return_address', '12 Phố Mẫu, phường Thử');
  await tabTo(desk.page, '[name="consent_zalo"]');
  await desk.press('Space');
  const first = await desk.accept();
  assert.match(first, /-261123-0001$/);
  await desk.accessible();
  assert.equal((await desk.pdf('#accepted-pdf')).subarray(0, 5).toString(), '%PDF-');
  assert.deepEqual(await desk.drafts(), [], 'nothing of the accepted dossier stays on the machine');

  // The same person, another dossier: the submitter stays, the owner does not.
  await desk.push('#next-dossier');
  await focused(desk.page, '#q');
  assert.equal(await desk.value('#full_name'), 'NGUYỄN THỊ THỬ NGHIỆM');
  assert.deepEqual([await desk.value('#owner_full_name'), await desk.value('#owner_tax_code')], ['', '']);
  await desk.choose(BADGE);
  await desk.takeCase(1);
  await desk.tickAll();
  await desk.push('#accept');
  await desk.says('[data-problem="owner"]', 'Hồ sơ này của ai');
  assert.equal(await desk.page.locator('#receipt-numbers option').getAttribute('value'), 'BL-0012', 'one payment may cover both');
  await tabTo(desk.page, '[name="owner"]');
  await desk.press('Space');
  const second = await desk.accept();
  assert.match(second, /-261123-0002$/);
  await desk.push('#again');
  assert.equal(await desk.value('#full_name'), '', 'somebody else');
  await desk.says('#desk-figures', '2 tiếp nhận');
});

test('papers asked for, a refusal, and guidance', async ({ screens, centre: started }) => {
  const centre = await started();
  const desk = await Reception.open(screens, centre, 2);
  await desk.choose(BADGE);
  await desk.push('[data-outcome="supplement"]');
  await desk.says('#problem-full_name', 'họ và tên người nộp');
  await desk.scan();
  await focused(desk.page, '#phone');
  await tabTo(desk.page, '#paper-1');
  await desk.press('Space');

  // The slip takes what is missing from the checklist; a reason is due.
  await desk.push('[data-outcome="supplement"]');
  await focused(desk.page, '#asked-papers input');
  await desk.accessible();
  assert.deepEqual(
    await desk.page.locator('#asked-papers [type="checkbox"]').evaluateAll((boxes) => boxes.map((box) => box.checked)),
    [false, true],
  );
  await desk.press('Escape');
  await desk.page.locator('#end-supplement').waitFor({ state: 'hidden' });
  assert.equal(await desk.value('#full_name'), 'NGUYỄN THỊ THỬ NGHIỆM', 'Escape leaves the question, not the form');
  await desk.push('[data-outcome="supplement"]');
  await focused(desk.page, '#asked-papers input');
  await tabTo(desk.page, '#supplement-reason');
  await desk.press('Control+A');
  await desk.press('Delete');
  await desk.push('#end-supplement .go');
  await desk.says('#end-supplement .problem', 'Mời ghi rõ lý do');
  await desk.page.keyboard.type('Thiếu bản sao giấy đăng ký xe');
  await desk.push('#end-supplement .go');
  await focused(desk.page, '#ended-pdf');
  assert.deepEqual([await desk.text('#ended-title'), await desk.text('#ended-number')], ['Đã lập phiếu yêu cầu bổ sung, hoàn thiện hồ sơ', 'Số 0001']);
  await desk.accessible();
  assert.equal((await desk.pdf('#ended-pdf')).subarray(0, 5).toString(), '%PDF-');
  assert.deepEqual(await desk.drafts(), []);
  await desk.push('#ended-again');

  await desk.choose(BADGE);
  await desk.scan();
  await focused(desk.page, '#phone');
  await desk.push('[data-outcome="refusal"]');
  await focused(desk.page, '#refusal-reason');
  await desk.accessible();
  await desk.page.keyboard.type('Phương tiện không thuộc đối tượng được cấp phù hiệu');
  await desk.push('#end-refusal .go');
  await focused(desk.page, '#ended-pdf');
  assert.equal((await desk.pdf('#ended-pdf')).subarray(0, 5).toString(), '%PDF-');
  await desk.push('#ended-again');

  // Nobody's name, no procedure: then it must be said what it was about.
  await desk.push('[data-outcome="guided"]');
  await focused(desk.page, '#guided-reason');
  await desk.accessible();
  await desk.push('#end-guided .go');
  await desk.says('#end-guided .problem', 'ghi đã hướng dẫn việc gì');
  await desk.type('#guided-reason', 'Hỏi nơi nộp hồ sơ đất đai');
  await desk.push('#end-guided .go');
  await focused(desk.page, '#ended-again');
  assert.ok(await desk.page.locator('#ended-pdf').isHidden(), 'guidance has no form');
  await desk.press('Enter');
  await desk.says('#desk-figures', '0 tiếp nhận · 1 bổ sung · 1 từ chối · 1 hướng dẫn');
});
