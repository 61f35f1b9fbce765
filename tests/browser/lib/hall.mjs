// The hall around a counter: numbers from the kiosk, another configuration, and a keyboard that looks where it is.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { binary } from './centre.mjs';

const run = promisify(execFile);
const DEMO = join(dirname(fileURLToPath(import.meta.url)), '../../../services/routing/src/demo/vinh_long.toml');
const TABS_MAX = 120;
// Shorter than the runner's patience with a whole test, so that the question is named.
const WAIT_MS_MAX = 45_000;

/** Asks until it is there; says what it asked for where it never comes. */
export async function eventually(ask) {
  const until = performance.now() + WAIT_MS_MAX;
  for (;;) {
    let error;
    const answer = await ask().catch((thrown) => { error = thrown; });
    if (answer) return answer;
    if (performance.now() > until) throw new Error(`never came in ${WAIT_MS_MAX} ms: ${ask}`, { cause: error });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The kiosk's view of the centre, once it knows the catalogue. */
export function hall(centre) {
  return eventually(async () => {
    const answer = await (await fetch(new URL('/api/centre', centre.urls.kiosk))).json();
    return answer.ready && answer.procedures > 0 && answer;
  });
}

let taps = 0;
/** One tap at the kiosk: the ticket. */
export async function issue(centre, target) {
  taps += 1;
  const answer = await fetch(new URL('/api/tickets', centre.urls.kiosk), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `tap-${taps}` },
    body: JSON.stringify(target),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

/** Applies the demo centre with other values for some keys of its calls ("answer_seconds = 1"). */
export async function apply(centre, ...calls) {
  const file = join(centre.data, 'centre.toml');
  let text = await readFile(DEMO, 'utf8');
  for (const line of calls) {
    const own = new RegExp(`^${line.split(' ')[0]} = .*$`, 'm');
    text = own.test(text) ? text.replace(own, line) : text.replace('[calls]', `[calls]\n${line}`);
  }
  await writeFile(file, text);
  await run(binary(), ['centre', 'apply', file, '--data', centre.data]);
}

/** A fresh one-time link: "console/2". */
export async function link(centre, path) {
  const { stdout } = await run(binary(), ['link', path, '--data', centre.data]);
  return stdout.trim().split('\t').pop();
}

/** Presses Tab until `selector` has the focus. */
export async function tabTo(page, selector) {
  for (let tab = 0; tab < TABS_MAX; tab += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${selector}`);
}

/** Waits until `selector` has the focus. */
export const focused = (page, selector) => page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector);
