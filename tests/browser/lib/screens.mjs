// Chromium as the hall has it. Whatever a page complains about on its console fails the test.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import jsQR from 'jsqr';
import { chromium } from 'playwright-core';
import { PNG } from 'pngjs';

const require = createRequire(import.meta.url);

export const VIEWPORTS = {
  kiosk: { width: 1080, height: 1920 },
  board: { width: 1920, height: 1080 },
  desk: { width: 1366, height: 768 },
  phone: { width: 390, height: 844 },
  counter: { width: 800, height: 480 },
};

/** Chromium as the hall starts it; `autoplay: false`: as anybody starts it; `port`: where another program drives it. */
export function launch({ autoplay = true, port } = {}) {
  return chromium.launch({
    executablePath: process.env.MOTCUA_TEST_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(port ? [`--remote-debugging-port=${port}`] : []),
      ...(autoplay ? ['--autoplay-policy=no-user-gesture-required'] : []),
    ],
  });
}

/** A text as it is read: without the markup's line breaks. */
export const plain = (text) => text.replaceAll(/\s+/g, ' ').trim();

export class Screens {
  #contexts = [];
  #allowed = [];
  #served = [];

  constructor(browser) {
    this.browser = browser;
    this.complaints = [];
    this.pages = [];
  }

  // A page on a device of its own: no cookies shared with the others.
  async open(url, viewport = 'desk', options = {}) {
    const context = await this.browser.newContext({
      viewport: VIEWPORTS[viewport],
      locale: 'vi-VN',
      timezoneId: 'Asia/Ho_Chi_Minh',
      reducedMotion: 'reduce',
      hasTouch: viewport === 'kiosk' || viewport === 'phone',
      ...options,
    });
    context.setDefaultTimeout(15_000);
    this.#contexts.push(context);
    const page = await context.newPage();
    const complain = (text) => this.complaints.push(`${viewport}: ${text}`);
    page.on('console', (message) => {
      if (message.type() === 'error') complain(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => complain(`page: ${error.stack ?? error.message}`));
    this.pages.push([viewport, page]);
    await page.goto(url);
    return page;
  }

  // A complaint that this test provokes on purpose.
  allow(pattern) {
    this.#allowed.push(pattern);
  }

  unexpected() {
    return this.complaints.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
  }

  /** `server` (its `close()`) is closed once the pages are: a page whose server leaves first complains, and rightly. */
  served(server) {
    this.#served.push(server);
    return server;
  }

  async close() {
    await Promise.all(this.#contexts.map((context) => context.close().catch(() => {})));
    for (const server of this.#served.splice(0).reverse()) await server.close();
  }
}

// Serious and critical findings of axe, as lines; empty is good. It runs in the page's own world by the debugger's
// door, so the page's content security policy stays on.
export async function accessibility(page) {
  const source = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

// The text of the QR code in a PNG, or undefined.
export function qr(png) {
  const { data, width, height } = PNG.sync.read(png);
  return jsQR(new Uint8ClampedArray(data), width, height)?.data;
}
