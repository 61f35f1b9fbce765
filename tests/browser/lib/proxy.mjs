// Between a page and the kiosk: passes everything on, can be cut like a cable, and can play the feed itself.
import { createServer, request } from 'node:http';

export class Proxy {
  static async open(target) {
    const proxy = new Proxy(new URL(target));
    await new Promise((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}`;
    return proxy;
  }

  constructor(target) {
    this.down = false;
    // Plays a feed by hand: gets the answer to write events to.
    this.feed = null;
    this.sockets = new Set();
    this.server = createServer((asked, answer) => {
      if (this.feed && asked.url.startsWith('/events')) {
        answer.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        this.feed(answer, new URL(asked.url, this.url));
        return;
      }
      const passed = request(new URL(asked.url, target), { method: asked.method, headers: asked.headers }, (got) => {
        answer.writeHead(got.statusCode, got.headers);
        got.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      answer.on('close', () => passed.destroy());
      asked.pipe(passed);
    });
    this.server.on('connection', (socket) => {
      if (this.down) { socket.destroy(); return; }
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  cut() {
    this.down = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend() {
    this.down = false;
  }

  close() {
    this.cut();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
