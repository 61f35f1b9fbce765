// node run.mjs [PART OF A NAME]: every *.test.mjs beside this file; the last line is "N passed, N failed".
import { readdir } from 'node:fs/promises';

import { runFile } from './lib/runner.mjs';
import { launch } from './lib/screens.mjs';

const filter = process.argv[2] ?? '';
const files = (await readdir(new URL('.', import.meta.url))).filter((name) => name.endsWith('.test.mjs')).sort();
const browser = await launch();
let passed = 0;
let failed = 0;
for (const file of files) {
  try {
    const [good, bad] = await runFile(new URL(file, import.meta.url), browser, filter);
    passed += good;
    failed += bad;
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${file}\n${error.stack ?? error}`);
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
// What a failed test left open (a browser, a wait) would keep this process for ever.
process.exit(failed === 0 && passed > 0 ? 0 : 1);
