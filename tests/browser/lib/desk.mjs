// A counter without a screen: acts as its console does, so that tests of other screens need not open one.
import assert from 'node:assert/strict';

let acts = 0;

export class Desk {
  /** The counter of a one-time link. */
  static async open(url) {
    const link = new URL(url);
    const answer = await fetch(link, { redirect: 'manual' });
    const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
    assert.ok(cookie, `no session at ${link.pathname}: ${answer.status}`);
    return new Desk(link, cookie);
  }

  constructor(link, cookie) {
    this.link = link;
    this.cookie = cookie;
    this.number = Number(link.pathname.split('/').pop());
  }

  async act(name, body = {}) {
    acts += 1;
    const answer = await fetch(new URL(`/console/${this.number}/${name}`, this.link), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-motcua': '1', cookie: this.cookie },
      body: JSON.stringify({ request_id: `desk-${acts}`, ...body }),
    });
    assert.ok(answer.ok, `${name}: ${answer.status} ${await answer.clone().text()}`);
    return answer.json();
  }

  /** Calls whoever is next. */
  call() {
    return this.act('call', { finish_current: true });
  }
}
