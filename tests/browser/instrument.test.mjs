// The instrument itself: it must hear what a page complains about, and see what axe and a QR reader see.
import assert from 'node:assert/strict';

import { test } from './lib/runner.mjs';
import { accessibility, Screens } from './lib/screens.mjs';

const page = (body) => `data:text/html;charset=utf-8,${encodeURIComponent(`<!doctype html><html lang=vi><title>x</title>${body}`)}`;

test('a console error and an uncaught error are heard', async ({ screens }) => {
  const inner = new Screens(screens.browser);
  const opened = await inner.open(page('<script>console.error("hỏng"); setTimeout(() => { throw new Error("rơi") })</script>'));
  await opened.waitForFunction(() => true);
  await assert.doesNotReject(async () => {
    for (let turn = 0; inner.complaints.length < 2 && turn < 100; turn += 1) await opened.waitForTimeout(20);
  });
  assert.equal(inner.unexpected().length, 2, inner.complaints.join('\n'));
  inner.allow(/hỏng|rơi/);
  assert.deepEqual(inner.unexpected(), []);
  await inner.close();
});

test('axe finds an image without words', async ({ screens }) => {
  const opened = await screens.open(page('<main><h1>a</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>'));
  assert.match((await accessibility(opened)).join(), /^image-alt/);
});
