// The machine at the entrance as a program of its own: behind a line that can be cut, with a printer that can fail.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { binary, MORNING } from './centre.mjs';

const CONFIG = join(dirname(fileURLToPath(import.meta.url)), '../../../deploy/serve/kiosk.toml');

const listening = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(`127.0.0.1:${server.address().port}`)));

/** A line to `target` (host:port), which may become another one: `cut()` resets it, `mend()` lets it through again. */
export class Line {
  static async to(target) {
    const line = new Line();
    line.target = target;
    line.server = createServer((near) => {
      near.on('error', () => {});
      if (line.down) { near.resetAndDestroy(); return; }
      const [host, port] = line.target.split(':');
      const far = connect(Number(port), host);
      far.on('error', () => near.destroy());
      line.ends.add(near).add(far);
      near.on('close', () => { far.destroy(); line.ends.delete(near); line.ends.delete(far); });
      far.on('close', () => near.destroy());
      near.pipe(far).pipe(near);
    });
    line.address = await listening(line.server);
    return line;
  }

  constructor() { this.ends = new Set(); this.down = false; }

  cut() { this.down = true; for (const end of this.ends) end.resetAndDestroy(); }

  mend() { this.down = false; }

  close() { this.cut(); this.server.close(); }
}

// DLE EOT 1..4 and GS r 1 as a printer answers them.
const SAYS = {
  ok: [0x12, 0x12, 0x12, 0x12],
  near: [0x12, 0x12, 0x12, 0x1e],
  out: [0x1a, 0x32, 0x12, 0x7e],
  cover: [0x1a, 0x16, 0x12, 0x12],
  cutter: [0x1a, 0x52, 0x1a, 0x12],
};

/** A printer in one of the states ok, near, out, cover, cutter, mute. */
export class Printer {
  static async start() {
    const printer = new Printer();
    printer.server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        const says = SAYS[printer.state];
        if (bytes[0] === 0x10 && bytes[1] === 0x04) { if (says) socket.write(Buffer.from([says[bytes[2] - 1]])); return; }
        printer.bytes += bytes.length;
        if (bytes.subarray(-3).equals(Buffer.from([0x1d, 0x72, 1])) && says) { printer.papers += 1; socket.write(Buffer.from([0])); }
      });
    });
    printer.address = await listening(printer.server);
    return printer;
  }

  constructor() { this.state = 'ok'; this.papers = 0; this.bytes = 0; }

  close() { this.server.close(); }
}

/** `motcua-kiosk run` in front of a centre. */
export class Entrance {
  /** `enrol`: without a token, so that it shows a code until somebody lets it in. `identity`: verifiers' addresses by method. */
  static async open(centre, { numbers = 50, clock = MORNING, enrol = false, identity = {} } = {}) {
    const entrance = new Entrance();
    entrance.data = await mkdtemp(join(tmpdir(), 'motcua-kiosk-'));
    entrance.line = await Line.to(centre.urls.grpc.replace('http://', ''));
    entrance.printer = await Printer.start();
    const url = `http://${entrance.line.address}`;
    let config = CONFIG;
    if (enrol || Object.keys(identity).length > 0) {
      config = join(entrance.data, 'kiosk.toml');
      const verifiers = Object.entries(identity).map(([method, at]) => `{ method = "${method}", url = "${at}" }`);
      const text = (await readFile(CONFIG, 'utf8')).replace(/^token_file = .*$/m, (line) => (enrol ? '' : line));
      await writeFile(config, `identity = [${verifiers.join(', ')}]\n${text}`);
    }
    const keys = {
      HTTP: '127.0.0.1:0', ROUTING: url, INTAKE: url, STATUS: url, WEB: url, ...(enrol ? {} : { TOKEN_FILE: join(centre.data, 'credentials/kiosk.token') }),
      DATA: entrance.data, PUBLIC_URL: centre.urls.citizen.replace(/\/$/, ''), CLOCK: clock, OFFLINE_NUMBERS: String(numbers),
      PRINTER__KIND: 'tcp', PRINTER__ADDRESS: entrance.printer.address,
    };
    const env = { ...process.env };
    for (const [key, value] of Object.entries(keys)) env[`MOTCUA_KIOSK__${key}`] = value;
    entrance.child = spawn(join(dirname(binary()), 'motcua-kiosk'), ['run', '--config', config], { stdio: ['ignore', 'pipe', 'ignore'], env });
    entrance.exited = new Promise((done) => entrance.child.once('exit', done));
    entrance.url = await new Promise((done, fail) => {
      entrance.exited.then((code) => fail(new Error(`motcua-kiosk left with ${code}`)));
      createInterface({ input: entrance.child.stdout }).on('line', (text) => { const [key, value] = text.split('\t'); if (key === 'kiosk') done(value); });
    });
    return entrance;
  }

  async centre() { return (await fetch(new URL('/api/centre', this.url))).json(); }

  async close() {
    this.child.kill('SIGTERM');
    await this.exited;
    this.line.close();
    this.printer.close();
    await rm(this.data, { recursive: true, force: true });
  }
}
