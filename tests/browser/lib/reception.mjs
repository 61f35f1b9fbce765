// The dossier desk as its officer works it: by keyboard only.
import assert from 'node:assert/strict';

import { focused, link, tabTo } from './hall.mjs';
import { accessibility, plain } from './screens.mjs';

export const CARD = '086199000001|331000001|NGUYỄN THỊ THỬ NGHIỆM|15081999|Nữ|Ấp Mẫu, Xã Thử, Long Hồ, Vĩnh Long|10052021';
/** A sample with two cases and two papers. */
export const BADGE = 'phu hieu';

export class Reception {
  /** The desk of a counter, alone. */
  static async open(screens, centre, counter = 1) {
    // How a browser notes that something was refused.
    screens.allow(/status of 4(09|13|22)/);
    const reception = new Reception(await screens.open(await link(centre, `desk/${counter}`), 'desk'));
    await reception.page.locator('#desk-figures').filter({ hasText: 'Hôm nay' }).waitFor();
    return reception;
  }

  constructor(page) {
    this.page = page;
  }

  press(key) {
    return this.page.keyboard.press(key);
  }

  async type(selector, text) {
    await tabTo(this.page, selector);
    await this.press('Control+A');
    await this.page.keyboard.type(text);
  }

  async push(selector) {
    await tabTo(this.page, selector);
    await this.press('Enter');
  }

  text(selector) {
    return this.page.locator(selector).textContent().then(plain);
  }

  value(selector) {
    return this.page.locator(selector).inputValue();
  }

  says(selector, text) {
    return this.page.locator(selector).filter({ hasText: text }).waitFor();
  }

  /** Finds a procedure and takes the first. */
  async choose(words) {
    await this.type('#q', words);
    await this.page.locator('#found li[aria-selected="true"]').waitFor();
    await this.press('Enter');
    await this.page.locator('#procedure h3').waitFor();
  }

  /** The n-th case. */
  async takeCase(n) {
    await focused(this.page, '[name="case_code"]');
    await this.press('Space');
    for (let step = 1; step < n; step += 1) await this.press('ArrowDown');
    await this.page.locator('#due').waitFor();
  }

  async scan(line = CARD) {
    await this.type('#card', line);
    await this.press('Enter');
  }

  /** Ticks every paper. */
  async tickAll() {
    const count = await this.page.locator('#papers .paper').count();
    for (let n = 1; n <= count; n += 1) {
      await tabTo(this.page, `#paper-${n}`);
      if (!(await this.page.locator(`#paper-${n}`).isChecked())) await this.press('Space');
    }
  }

  async accept() {
    await this.push('#accept');
    await focused(this.page, '#accepted-pdf');
    return this.text('#accepted-code');
  }

  /** The PDF behind a link of the page. */
  async pdf(selector) {
    const href = await this.page.locator(selector).getAttribute('href');
    const answer = await this.page.context().request.get(new URL(href, this.page.url()).href);
    assert.equal(answer.status(), 200);
    return answer.body();
  }

  drafts() {
    return this.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('motcua-draft')));
  }

  async accessible() {
    assert.deepEqual(await accessibility(this.page), []);
  }
}
