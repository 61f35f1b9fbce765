import assert from 'node:assert/strict';

import { eventually } from './hall.mjs';
import { keep } from './out.mjs';
import { accessibility, plain } from './screens.mjs';

// The console as its officer reads it.
export class Counter {
  constructor(page) {
    this.page = page;
  }

  press(key) {
    return this.page.keyboard.press(key);
  }

  async says(number, state) {
    await this.page.locator(`[data-slot="current"][data-state="${state}"]${number ? `[data-number="${number}"]` : ''}`).waitFor();
  }

  async number() {
    return this.page.locator('[data-slot="current"]').getAttribute('data-number');
  }

  async waiting(count) {
    await eventually(async () => plain(await this.page.locator('#queue').textContent()).startsWith(`${count} chờ`));
  }

  toast(text) {
    return this.page.locator('.toast').filter({ hasText: text }).first().waitFor();
  }

  shelf(text) {
    return this.page.locator('[data-slot="shelf"] li').filter({ hasText: text });
  }

  // A state that nothing is wrong with, and its picture.
  async stands(state) {
    assert.deepEqual(await accessibility(this.page), []);
    await keep(`console-${state}`, await this.page.screenshot());
  }
}
