// A counter without a screen: acts as its console does, so that tests of other screens need not open one.
import assert from 'node:assert/strict';

import { eventually } from './hall.mjs';

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

  act(name, body = {}) {
    return this.ask(`/console/${this.number}/${name}`, body);
  }

  /** Asks for a path, or sends it a body with a request id of its own. */
  async ask(path, body) {
    acts += 1;
    const answer = await fetch(new URL(path, this.link), {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', 'x-motcua': '1', cookie: this.cookie },
      body: body && JSON.stringify({ request_id: `desk-${acts}`, ...body }),
    });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.headers.get('content-type').includes('json') ? answer.json() : answer.text();
  }

  /** A dossier of the first procedure found by these words. */
  async receive(words, applicant = {}, more = {}) {
    const found = await eventually(async () => {
      const all = await this.ask(`/desk/${this.number}/procedures?q=${encodeURIComponent(words)}`);
      return all.find(({ refused }) => !refused);
    });
    const named = { full_name: 'Nguyễn Thị Thử Nghiệm', id_number: '086199000001', ...applicant };
    return this.ask(`/desk/${this.number}/dossiers`, { procedure_code: found.code, applicant: named, return_channel: 1, ...more });
  }

  /** Makes a move of a dossier, once status knows it. */
  move(dossier, name, body = {}) {
    return eventually(() => this.ask(`/dossiers/${dossier.id}/moves/${name}`, body));
  }

  /** Calls whoever is next. */
  call() {
    return this.act('call', { finish_current: true });
  }
}
