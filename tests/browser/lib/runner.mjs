// Registers and runs tests; every file gets one centre, every test its own screens.
import { inspect } from 'node:util';

import { Centre } from './centre.mjs';
import { keep } from './out.mjs';
import { Screens } from './screens.mjs';

const TEST_MS_MAX = 120_000;
const registered = [];

// test('a sentence', async ({ screens, centre }) => …); `await centre()` starts the file's centre at its first use.
export function test(name, run) {
  registered.push({ name, run });
}

async function within(ms, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function keepPictures(name, screens) {
  for (const [index, [viewport, page]] of screens.pages.entries()) {
    const png = await within(10_000, page.screenshot()).catch(() => undefined);
    if (png) await keep(`${name.replaceAll(/[^\p{L}\p{N}]+/gu, '-')}-${index}-${viewport}`, png);
  }
}

// Runs one file's tests; returns [passed, failed].
export async function runFile(url, browser, filter) {
  registered.length = 0;
  await import(url);
  let started;
  const centre = (options) => (started ??= Centre.start(options));
  let passed = 0;
  let failed = 0;
  for (const { name, run } of registered.filter((each) => each.name.includes(filter))) {
    const from = performance.now();
    const screens = new Screens(browser);
    try {
      await within(TEST_MS_MAX, run({ screens, centre }));
      const complaints = screens.unexpected();
      if (complaints.length > 0) throw new Error(`the console complained:\n${complaints.join('\n')}`);
      passed += 1;
      console.log(`ok      ${name}  ${Math.round(performance.now() - from)} ms`);
    } catch (error) {
      failed += 1;
      await keepPictures(name, screens);
      console.log(`FAILED  ${name}\n${inspect(error)}\n${screens.unexpected().join('\n')}`);
    }
    await screens.close().catch((error) => {
      failed += 1;
      console.log(`FAILED  the end of: ${name}\n${inspect(error)}`);
    });
  }
  if (started) {
    try {
      await (await started).stop();
    } catch (error) {
      failed += 1;
      console.log(`FAILED  the centre's end\n${error.message}`);
    }
  }
  return [passed, failed];
}
