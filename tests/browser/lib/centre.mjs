// A whole centre as a process: `motcua up` on a fresh folder, free ports and a fixed morning.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 15_000;
const LOG_LINES_KEPT = 200;

export function binary(name = 'motcua') {
  return process.env.MOTCUA_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug', name);
}

// A Monday at eight: the hall is open.
export const MORNING = '2026-11-23T08:00:00+07:00';

export class Centre {
  /** `data`: of one that was killed. */
  static async start({ clock = MORNING, args = [], data: known } = {}) {
    const data = known ?? (await mkdtemp(join(tmpdir(), 'motcua-browser-')));
    const free = '127.0.0.1:0';
    const child = spawn(
      binary(),
      ['up', '--data', data, '--http', free, '--grpc', free, '--kiosk', free, '--clock', clock, ...args],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: data },
    );
    const centre = new Centre(data, child);
    try {
      await centre.#ready();
    } catch (error) {
      await centre.stop().catch(() => {});
      throw error;
    }
    return centre;
  }

  constructor(data, child) {
    this.data = data;
    this.child = child;
    // What it printed: grpc, kiosk, board, console, citizen, manager.
    this.urls = {};
    this.log = [];
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.log.push(line);
      if (this.log.length > LOG_LINES_KEPT) this.log.shift();
    });
  }

  #ready() {
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`motcua up ${why}; its last words:\n${this.log.slice(-15).join('\n')}`));
      const timer = setTimeout(() => fail(`was not ready after ${READY_MS_MAX} ms`), READY_MS_MAX);
      this.child.once('error', (error) => fail(`did not start: ${error.message}`));
      this.exited.then(({ code, signal }) => fail(`ended with ${code ?? signal}`));
      createInterface({ input: this.child.stdout }).on('line', (line) => {
        const [key, value] = line.split('\t');
        if (key === 'ready') {
          clearTimeout(timer);
          resolve();
        } else if (value !== undefined) {
          this.urls[key] = value;
        }
      });
    });
  }

  // One of its credentials: operator, kiosk or service.
  async token(name) {
    return (await readFile(join(this.data, 'credentials', `${name}.token`), 'utf8')).trim();
  }

  // As a power cut ends it; the folder stays.
  async kill() {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  // Asks it to leave; throws unless it left with 0.
  async stop() {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS_MAX);
    this.child.kill('SIGTERM');
    const { code, signal } = await this.exited;
    clearTimeout(timer);
    await rm(this.data, { recursive: true, force: true });
    if (code !== 0) throw new Error(`motcua up left with ${code ?? signal}:\n${this.log.slice(-15).join('\n')}`);
  }
}
