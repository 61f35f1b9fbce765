// The page behind a letter's "stop" link: asked once, ended by one press, without a script. Notification serves it itself.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHmac, hkdfSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { binary } from './lib/centre.mjs';
import { keep } from './lib/out.mjs';
import { test } from './lib/runner.mjs';
import { accessibility, plain } from './lib/screens.mjs';

const run = promisify(execFile);
const STOP_MS_MAX = 15_000;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

/** A notification service of its own, on SQLite and the run's NATS. */
class Notification {
  static async start() {
    const folder = await mkdtemp(join(tmpdir(), 'motcua-letters-'));
    const own = new Notification();
    own.folder = folder;
    await run(binary(), ['keys', 'data'], { cwd: folder });
    const port = await freePort();
    own.hooks = `http://127.0.0.1:${port}/hooks/mail`;
    const file = join(folder, 'notification.toml');
    const data = (name) => join(folder, 'data', name);
    own.key = (await readFile(data('secrets/seal.key'), 'utf8')).trim();
    await writeFile(file, `
listen = "127.0.0.1:0"
ops = "127.0.0.1:0"
database_url = "sqlite://${join(folder, 'notification.db')}"
seal_key = "${own.key}"
[bus]
url = "${process.env.MOTCUA_TEST_NATS}"
[auth]
public_key_file = "${data('secrets/identity.pub')}"
token_file = "${data('credentials/notification.token')}"
[peers]
intake = "http://127.0.0.1:9"
[settings]
provider = { kind = "outgoing", folder = "${join(folder, 'outgoing')}" }
webhooks = { listen = "127.0.0.1:${port}", public_url = "https://hooks.example.gov.vn" }
`);
    own.child = spawn(binary(), ['serve', 'notification', '--config', file], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    createInterface({ input: own.child.stderr }).on('line', (line) => said.push(line));
    await new Promise((resolve, reject) => {
      own.child.once('exit', (code) => reject(new Error(`notification ended with ${code}:\n${said.slice(-10).join('\n')}`)));
      createInterface({ input: own.child.stdout }).on('line', (line) => { if (line.startsWith('ready')) resolve(); });
    });
    return own;
  }

  /** What a letter with this reference carries. */
  link(reference) {
    const key = hkdfSync('sha256', Buffer.from(this.key, 'hex'), 'motcua sealed columns', 'blind:notification.unsubscribe', 32);
    const proof = createHmac('sha256', Buffer.from(key)).update(reference).digest('hex').slice(0, 32);
    return `${this.hooks}/${reference}.${proof}`;
  }

  async close() {
    const left = new Promise((resolve) => { this.child.once('exit', resolve); });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS_MAX);
    this.child.kill('SIGTERM');
    await left;
    clearTimeout(timer);
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function judged(page, name) {
  assert.deepEqual(await accessibility(page), [], name);
  await keep(name, await page.screenshot());
}

test('a letter is ended on a page that asks once and needs no script', async ({ screens }) => {
  screens.allow(/404/);
  const notification = screens.served(await Notification.start());
  const link = notification.link('0193a1b2c3d47e5f8a9b0c1d2e3f4a5b');
  const phone = await screens.open(link, 'phone');
  assert.match(plain(await phone.locator('main').textContent()), /không muốn nhận thư điện tử/);
  const { width, height } = await phone.getByRole('button', { name: 'Dừng nhận thư' }).boundingBox();
  assert.ok(width >= 44 && height >= 44, `${width}×${height}: the page's own style is let in`);
  await judged(phone, 'letter-question');
  await phone.getByRole('button').tap();
  await phone.getByText('Đã dừng.').waitFor();
  await judged(phone, 'letter-stopped');
  await phone.goto(`${link}0`);
  await phone.getByText('Liên kết này không đúng.').waitFor();
  await judged(phone, 'letter-unknown');
});
