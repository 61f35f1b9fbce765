// The catalogue's administration: a procedure is found, changed, compared, published; by keyboard, by two people, by a file.
import assert from 'node:assert/strict';

import { eventually, focused, link, tabTo } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { accessibility, plain } from './lib/screens.mjs';

const text = async (page, selector) => plain(await page.locator(selector).first().textContent());
const accessible = async (page, what) => assert.deepEqual(await accessibility(page), [], what);

/** The list of procedures, as an administrator comes to it. */
async function administrator(screens, centre) {
  // How a browser notes that something was refused.
  screens.allow(/status of 4(09|22)/);
  const page = await screens.open(await link(centre, 'admin/catalogue'), 'desk');
  await page.locator('tr[data-code]').first().waitFor();
  page.on('dialog', (dialog) => dialog.accept());
  return page;
}

async function type(page, selector, value) {
  await tabTo(page, selector);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(value);
}

async function push(page, selector) {
  await tabTo(page, selector);
  await page.keyboard.press('Enter');
}

const named = (name) => `[name="${name}"]`;

/** Publishes what waits, from its page. */
async function publish(page, note = '') {
  await page.goto(new URL('/admin/catalogue/changes', page.url()).href);
  if (note) await type(page, '#note', note);
  await push(page, '#publish button');
  await page.waitForURL('**/admin/catalogue/versions');
}

test('a procedure is changed by keyboard, seen as it was and will be, and published', async ({ screens, centre: started }) => {
  const centre = await started();
  const page = await administrator(screens, centre);
  await accessible(page, 'list');
  await type(page, named('q'), 'phu hieu');
  await page.keyboard.press('Enter');
  await page.waitForURL('**q=phu*');
  assert.equal(await page.locator('tr[data-code]').count(), 1);
  const code = await page.locator('tr[data-code]').getAttribute('data-code');
  await push(page, 'tr[data-code] a');
  await page.locator('#procedure').waitFor();
  await accessible(page, 'editor');

  await type(page, named('limit.quantity'), '27');
  await tabTo(page, '[data-list="components"] [data-add]');
  const papers = await page.locator('[data-list="components"] .row').count();
  await page.keyboard.press('Enter');
  await focused(page, named(`components[${papers}].name`));
  await page.keyboard.type('Ảnh chân dung');
  await type(page, named(`components[${papers}].copies`), '4');
  await push(page, '#procedure .save button');
  await page.locator('.standing .fields').waitFor();
  const fields = await text(page, '.standing .fields');
  assert.match(fields, /Thời hạn giải quyết02 ngày làm việc27 ngày làm việc/);
  assert.match(fields, /Ảnh chân dung: 1 bản chính, 4 bản sao/);
  await accessible(page, 'changed');

  // Nothing is in force yet; the other pages tell what waits.
  await page.getByRole('link', { name: 'Chưa công bố (1)' }).click();
  await page.locator(`article[data-code="${code}"]`).waitFor();
  assert.match(await text(page, '.changes'), /1 thủ tục đổi/);
  await accessible(page, 'changes');
  await publish(page, 'Theo Quyết định số 12/QĐ-UBND');
  assert.match(await text(page, 'tr[data-version]'), /Phiên bản 2 Đang dùng.*Bản nháp.*Theo Quyết định số 12\/QĐ-UBND.*1 thủ tục đổi/);
  await accessible(page, 'versions');
  await push(page, 'tr[data-version] a');
  await page.locator(`article[data-code="${code}"]`).waitFor();
  await accessible(page, 'one version');
  const desk = await page.request.get(new URL(`/desk/1/procedures/${code}`, page.url()).href);
  assert.match(await desk.text(), /27 ngày làm việc/);
  await page.goto(new URL('/admin/catalogue/changes', page.url()).href);
  assert.match(await text(page, '.empty'), /không khác danh mục đang dùng \(phiên bản 2\)/);
  await accessible(page, 'nothing waits');
});

test('wrong inputs are named where they are and what was typed stays; a new one is added and taken back', async ({ screens, centre: started }) => {
  const centre = await started();
  const page = await administrator(screens, centre);
  await page.getByRole('link', { name: 'Thêm thủ tục' }).click();
  await page.locator('#procedure').waitFor();
  await accessible(page, 'a new one');
  await page.locator(named('code')).fill('1.12');
  await page.locator(named('name')).fill('Cấp thẻ mới');
  await page.locator(named('limit.quantity')).fill('hai');
  await page.locator('[data-list="cases"] [data-add]').click();
  await page.locator('[data-list="cases"] [data-add]').click();
  await page.locator('[data-list="cases"] [data-remove]').first().click();
  await page.locator(named('cases[1].name')).fill('Cấp lại');
  await page.locator('[data-list="fees"] [data-add]').click();
  await page.locator(named('fees[0].name')).fill('Lệ phí');
  await page.locator('#procedure .save button').click();
  await page.locator(`${named('code')}[aria-invalid="true"]`).waitFor();
  await focused(page, named('code'));
  for (const name of ['code', 'department', 'limit.quantity', 'cases[1].code', 'fees[0].amount_vnd']) {
    assert.equal(await page.locator(named(name)).getAttribute('aria-invalid'), 'true', name);
    assert.notEqual(await text(page, `[data-problem="${name}"] .why`), '', name);
  }
  assert.equal(await page.locator(named('name')).inputValue(), 'Cấp thẻ mới');
  await accessible(page, 'wrong inputs');

  await page.locator(named('code')).fill('5.810001');
  await page.locator(named('department')).fill('Sở Tư pháp');
  await page.locator(named('limit.quantity')).fill('2');
  await page.locator(named('limit.unit')).selectOption({ label: 'ngày làm việc' });
  await page.locator(named('cases[1].code')).fill('01');
  await page.locator(named('fees[0].amount_vnd')).fill('50.000');
  await page.locator('#procedure .save button').click();
  await page.waitForURL('**/admin/catalogue/changes');
  assert.match(await text(page, 'article[data-code="5.810001"]'), /Mới .*Cấp thẻ mới.*01 Cấp lại: thời hạn của thủ tục.*Lệ phí: 50\.000 đồng/);
  await accessible(page, 'a new one waits');
  await page.getByRole('link', { name: '5.810001' }).click();
  await page.locator('[data-act="discard"]').click();
  await page.waitForURL('**/admin/catalogue');
  await page.locator(named('changed')).check();
  await page.getByRole('button', { name: 'Lọc' }).click();
  await page.waitForURL('**changed=true*');
  assert.equal(await page.locator('tr[data-code="5.810001"]').count(), 0);
});

test('two people at one procedure: the later one is told, keeps the words, and what was looked at is what is published', async ({ screens, centre: started }) => {
  const centre = await started();
  const [one, two] = [await administrator(screens, centre), await administrator(screens, centre)];
  const path = '/admin/catalogue/procedures/6.900001';
  for (const page of [one, two]) await page.goto(new URL(path, page.url()).href);
  await one.locator(named('field')).fill('Lĩnh vực thứ nhất');
  await one.locator('#procedure .save button').click();
  await one.locator('.standing .fields').waitFor();
  await two.locator(named('field')).fill('Lĩnh vực thứ hai');
  await two.locator('#procedure .save button').click();
  await eventually(async () => (await text(two, '#procedure .save .problem')).includes('người khác sửa'));
  assert.equal(await two.locator(named('field')).inputValue(), 'Lĩnh vực thứ hai');
  await accessible(two, 'a lost race');

  await two.goto(new URL('/admin/catalogue/changes', two.url()).href);
  await one.locator('[data-act="close"]').click();
  await one.locator('.catalogue .missing').waitFor();
  assert.match(await text(one, '.catalogue .missing'), /sẽ rời danh mục/);
  await accessible(one, 'closed');
  await two.locator('#publish button').click();
  await eventually(async () => (await text(two, '#publish [role="alert"]')).includes('vừa được người khác thay đổi'));
  await two.reload();
  assert.match(await text(two, 'article[data-code="6.900001"]'), /Rút/);
  await accessible(two, 'a procedure leaves');
  await two.locator('#discard button').click();
  await two.locator('.empty').waitFor();
});

test('a file is looked over, told what is wrong with it, and becomes the draft', async ({ screens, centre: started }) => {
  const centre = await started();
  const page = await administrator(screens, centre);
  await page.getByRole('link', { name: 'Nhập từ tệp' }).click();
  await accessible(page, 'file');
  await push(page, '#upload .go');
  assert.match(await text(page, '[data-problem="file"] .why'), /Chọn tệp/);
  const head = 'code,name,department,department_2025,field_code,field,level,reception,time_qty,time_unit,fee_vnd,fee_mode,full_online,components';
  const row = (code, quantity) => `${code},Thủ tục trong tệp,Sở Tư pháp,,TP,Tư pháp,Cấp tỉnh,received,${quantity},${quantity && 'DAY'},0,zero,True,Tờ khai`;
  const file = (...rows) => ({ name: 'danh-muc.csv', mimeType: 'text/csv', buffer: Buffer.from([head, ...rows].join('\n')) });
  await page.locator('#file').setInputFiles(file(row('5.810001', '10'), row('5.810002', 'mười')));
  await page.locator('#upload .go').click();
  await page.locator('.cells').waitFor();
  assert.match(await text(page, '.cells'), /1 ô chưa đúng.*dòng 3, cột time_qty, giá trị “mười”/);
  await accessible(page, 'a bad file');
  await page.locator('#file').setInputFiles(file(row('5.810001', '10'), row('5.810002', '')));
  await page.locator('#upload [name="check"]').click();
  await page.locator('.report-file').waitFor();
  const report = await text(page, '.report-file');
  assert.match(report, /Tệp này sẽ làm thay đổi: 2 thủ tục mới, \d+ thủ tục rút/);
  assert.match(report, /dòng 3, cột time_qty: Không có thời hạn giải quyết/);
  await eventually(async () => (await page.getByRole('link', { name: 'Chưa công bố', exact: true }).count()) === 1);
  await accessible(page, 'looked over');
  await page.locator('#file').setInputFiles(file(row('5.810001', '10'), row('5.810002', '20')));
  await page.locator('#upload .go').click();
  await page.getByRole('link', { name: 'Xem và công bố' }).click();
  await page.locator('article[data-code="5.810002"]').waitFor();
  await page.locator('#discard button').click();
  await page.locator('.empty').waitFor();
});
