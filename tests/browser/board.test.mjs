// What the hall sees and hears.
import assert from 'node:assert/strict';

import { audit } from './lib/audit.mjs';
import { Centre, MORNING } from './lib/centre.mjs';
import { Desk } from './lib/desk.mjs';
import { Entrance } from './lib/entrance.mjs';
import { eventually, hall, issue, link } from './lib/hall.mjs';
import { Proxy } from './lib/proxy.mjs';
import { test } from './lib/runner.mjs';
import { launch, Screens } from './lib/screens.mjs';

const WALL = { wall: true };
const hero = (page, ticket) => page.locator(`.hero[data-ticket="${ticket}"]`).first().waitFor();

let opened;
/** The centre, its hall and its counter: the same for every test of this file. */
async function stand(started) {
  const centre = await started();
  opened ??= hall(centre).then(async (known) => ({ centre, known, desk: await Desk.open(centre.urls.console) }));
  return opened;
}

/** Takes a number that the counter serves, and calls it. */
async function called({ centre, known, desk }, body = {}) {
  const { ticket } = await issue(centre, { area_id: known.areas[0].id, ...body });
  await desk.call();
  return ticket.number;
}

const board = (centre, halls) => new URL(`/board/${halls}`, centre.urls.kiosk).href;

test('a board is whole in every layout, empty and called', async ({ screens, centre: started }) => {
  const stood = await stand(started);
  const halls = stood.known.halls.map(({ id }) => id);
  const layouts = [halls[0], halls.join(','), [...halls, ...halls].join(',')];
  const pages = await Promise.all(layouts.map((layout) => screens.open(board(stood.centre, layout), 'board')));
  for (const page of pages) await audit(page, 'empty', WALL);
  const number = await called(stood);
  for (const [index, page] of pages.entries()) {
    await hero(page, number);
    await audit(page, `${layouts[index]}, called`, WALL);
  }
  await called(stood);
  const last = await called(stood);
  for (const size of [{ width: 3840, height: 2160 }, { width: 1080, height: 1920 }, { width: 1366, height: 768 }]) {
    await pages[0].setViewportSize(size);
    await hero(pages[0], last);
    await audit(pages[0], `${size.width} × ${size.height}`, WALL);
  }
});

test('a cut line is said within two seconds with the numbers kept, and missed calls come back flashing', async ({ screens, centre: started }) => {
  screens.allow(/ERR_|Failed to load|net::/);
  const stood = await stand(started);
  const proxy = screens.served(await Proxy.open(stood.centre.urls.kiosk));
  const page = await screens.open(`${proxy.url}/board/${stood.known.halls[0].id}`, 'board', { reducedMotion: 'no-preference' });
  const before = await called(stood);
  await hero(page, before);
  const from = performance.now();
  proxy.cut();
  await page.locator('#stale').waitFor();
  assert.ok(performance.now() - from < 2000 + 250, `said after ${Math.round(performance.now() - from)} ms`);
  await hero(page, before);
  await audit(page, 'stale', WALL);
  const missed = [await called(stood), await called(stood)];
  proxy.mend();
  await page.locator('#stale').waitFor({ state: 'hidden' });
  await hero(page, missed[1]);
  await page.locator(`.hero.flash[data-ticket="${missed[1]}"]`).waitFor();
  await page.locator(`.rows [data-ticket="${missed[0]}"]`).waitFor();
  await page.locator('.flash').first().waitFor({ state: 'detached' });
});

test('a centre that is killed is said within two seconds, and what it calls once it stands again comes to the board', async ({ screens }) => {
  const clock = `${MORNING}@${new Date().toISOString()}`;
  const killed = await Centre.start({ clock });
  const machine = screens.served(await Entrance.open(killed, { clock }));
  const [known] = (await hall(killed)).halls;
  await eventually(async () => (await machine.centre()).ready);
  const page = await screens.open(new URL(`/board/${known.id}?sound=off`, machine.url).href, 'board', { reducedMotion: 'no-preference' });
  const next = async (centre, desk) => called({ centre, known: await hall(centre), desk });
  const before = await next(killed, await Desk.open(killed.urls.console));
  await hero(page, before);
  const from = performance.now();
  await killed.kill();
  await page.locator('#stale').waitFor();
  assert.ok(performance.now() - from < 2000 + 250, `said after ${Math.round(performance.now() - from)} ms`);
  await hero(page, before);

  machine.line.cut();
  const again = await Centre.start({ clock, data: killed.data });
  screens.served({ close: () => again.stop() });
  machine.line.target = new URL(again.urls.grpc).host;
  const desk = await Desk.open(await link(again, 'console/1'));
  const missed = [await next(again, desk), await next(again, desk)];
  await hero(page, before);
  machine.line.mend();
  await page.locator('#stale').waitFor({ state: 'hidden' });
  await page.locator(`.hero.flash[data-ticket="${missed[1]}"]`).waitFor();
  await page.locator(`.rows [data-ticket="${missed[0]}"]`).waitFor();
});

test('who is sent to another area is shown where to go in both halls, until they are called there', async ({ screens, centre: started }) => {
  const stood = await stand(started);
  const [from, to] = stood.known.halls;
  const pages = [await screens.open(board(stood.centre, from.id), 'board'), await screens.open(board(stood.centre, `${to.id},${from.id}`), 'board')];
  const { ticket } = await issue(stood.centre, { area_id: stood.known.areas[0].id });
  await stood.desk.call();
  await hero(pages[0], ticket.number);
  await stood.desk.act('arrive', { ticket_id: ticket.id });
  await stood.desk.act('transfer', { ticket_id: ticket.id, to_queue_id: 'tu-phap' });
  const row = `.rows [data-ticket="${ticket.number}"][data-area="D"]`;
  for (const page of pages) {
    await page.locator(row).first().waitFor();
    assert.match((await page.locator(`${row} .counter`).first().textContent()).replaceAll(/\s+/g, ' '), /Khu ?D/);
    await audit(page, 'sent on', WALL);
  }
  assert.equal(await pages[1].locator(row).count(), 2, 'in its old hall and in its new one');
  await (await Desk.open(await link(stood.centre, 'console/9'))).call();
  await hero(pages[1], ticket.number);
  for (const page of pages) await page.locator(row).first().waitFor({ state: 'detached' });
});

test('a recall flashes and is said again, a withdrawn call goes', async ({ screens, centre: started }) => {
  const stood = await stand(started);
  const page = await screens.open(board(stood.centre, stood.known.halls[0].id), 'board');
  const asked = [];
  page.on('request', (request) => { if (request.url().includes('/voice/call.wav')) asked.push(new URL(request.url()).searchParams.get('number')); });
  const { ticket } = await issue(stood.centre, { area_id: stood.known.areas[0].id });
  await stood.desk.call();
  await hero(page, ticket.number);
  await eventually(async () => asked.includes(ticket.number));
  await page.locator('.flash').first().waitFor({ state: 'detached' });
  await stood.desk.act('recall', { ticket_id: ticket.id });
  await page.locator(`.hero.flash[data-ticket="${ticket.number}"]`).waitFor();
  await eventually(async () => asked.filter((number) => number === ticket.number).length === 2);
  await stood.desk.act('absent', { ticket_id: ticket.id });
  await page.locator(`[data-ticket="${ticket.number}"]`).first().waitFor({ state: 'detached' });
});

// A page may sound before anybody touched it only where the browser was started for it. No script may run in the page
// before it is judged: a script from outside counts as a touch. So the page is read by the debugger's door.
async function dom(page) {
  const session = await page.context().newCDPSession(page);
  return {
    async node(selector) {
      const { root } = await session.send('DOM.getDocument', { depth: 0 });
      return (await session.send('DOM.querySelector', { nodeId: root.nodeId, selector })).nodeId;
    },
    async hidden(selector) {
      const { attributes } = await session.send('DOM.getAttributes', { nodeId: await this.node(selector) });
      return attributes.includes('hidden');
    },
    async middle(selector) {
      const { model } = await session.send('DOM.getBoxModel', { nodeId: await this.node(selector) });
      return [(model.border[0] + model.border[4]) / 2, (model.border[1] + model.border[5]) / 2];
    },
  };
}

test('a browser that refuses sound is seen, and one touch opens it', async ({ screens, centre: started }) => {
  const stood = await stand(started);
  const browser = await launch({ autoplay: false });
  const inner = new Screens(browser);
  try {
    const page = await inner.open(board(stood.centre, stood.known.halls[0].id), 'board');
    const heard = [];
    page.on('requestfinished', (request) => { if (request.url().includes('/voice/call.wav')) heard.push(request.url()); });
    const look = await dom(page);
    await eventually(async () => !(await look.hidden('#blocked')));
    await page.mouse.click(...(await look.middle('#blocked')));
    await eventually(() => look.hidden('#blocked'));
    const number = await called(stood);
    await eventually(async () => heard.some((url) => url.includes(number)));
    assert.equal(await look.hidden('#blocked'), true);
    await page.reload();
    await eventually(async () => !(await look.hidden('#blocked')));
    await audit(page, 'blocked', WALL);
    // Nobody has to hit the button.
    await page.mouse.click(5, 5);
    await eventually(() => look.hidden('#blocked'));
    await page.reload();
    await eventually(async () => !(await look.hidden('#blocked')));
    await page.keyboard.press('Enter');
    await eventually(() => look.hidden('#blocked'));
    assert.deepEqual(inner.unexpected(), []);
  } finally {
    await inner.close();
    await browser.close();
  }
  const free = await screens.open(board(stood.centre, stood.known.halls[0].id), 'board');
  const asked = [];
  free.on('request', (request) => { if (request.url().includes('/voice/call.wav')) asked.push([performance.now(), request.url()]); });
  const look = await dom(free);
  // At two counters: what one finishes before it was said is not said any more.
  const beside = { ...stood, desk: await Desk.open(await link(stood.centre, 'console/2')) };
  const numbers = [await called(stood), await called(beside)];
  await eventually(async () => numbers.every((number) => asked.some(([, url]) => url.includes(number))));
  assert.equal(await look.hidden('#blocked'), true, 'started for it, the browser sounds at once');
  const [first, second] = numbers.map((number) => asked.find(([, url]) => url.includes(number))[0]);
  assert.ok(second - first > 900, `two calls at once are heard one after the other: ${Math.round(second - first)} ms apart`);
});

test('two thousand calls leave the page as small as the first one', async ({ screens, centre: started }) => {
  const stood = await stand(started);
  const proxy = screens.served(await Proxy.open(stood.centre.urls.kiosk));
  let feed;
  proxy.feed = (answer) => { feed = answer; };
  const send = (name, data, id) => feed.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  const beat = setInterval(() => feed?.write(`event: beat\ndata: ${JSON.stringify({ clock: '09:00', date: 'Thứ Hai, 23/11/2026', alive: true })}\n\n`), 300);
  screens.served({ close: () => clearInterval(beat) });
  const id = stood.known.halls[0].id;
  // Small, because two thousand pictures of a wall are not what is measured.
  const page = await screens.open(`${proxy.url}/board/${id}?sound=off`, 'board', { viewport: { width: 480, height: 270 } });
  await eventually(async () => feed);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const measure = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const row = (n) => ({ number: `A${String(n % 1000).padStart(3, '0')}`, letter: 'A', digits: String(n % 1000).padStart(3, '0'), counter: 1 + (n % 14), colour: '#8F1D1D', finished: n % 3 === 0 });
  const call = (n) => send('calls', { hall: id, seq: n, hero: row(n), rows: [1, 2, 3, 4, 5, 6].map((back) => row(n + 1000 - back)), flash: [row(n).number] }, n);
  const shown = (n) => page.locator(`.hero[data-ticket="${row(n).number}"]`).waitFor({ timeout: 60_000 });
  for (let n = 1; n <= 100; n += 1) call(n);
  await shown(100);
  const before = await measure();
  for (let n = 101; n <= 2100; n += 1) call(n);
  await shown(2100);
  const after = await measure();
  const grown = (after.JSHeapUsedSize - before.JSHeapUsedSize) / 1e6;
  assert.ok(grown < 20, `${grown.toFixed(1)} MB more`);
  assert.ok(after.Nodes - before.Nodes < 50, `${before.Nodes} nodes became ${after.Nodes}`);
  assert.ok(after.JSEventListeners <= before.JSEventListeners, `${before.JSEventListeners} listeners became ${after.JSEventListeners}`);
});

test('a closed hall keeps its numbers and says when it opens', async ({ screens }) => {
  const closed = await Centre.start({ clock: '2026-11-23T12:00:00+07:00' });
  screens.served({ close: () => closed.stop() });
  await hall(closed);
  const page = await screens.open(closed.urls.board, 'board');
  await page.locator('.none .closed').getByText('Nghỉ trưa đến 13:00').first().waitFor();
  await audit(page, 'closed', WALL);
});
