// The optional step that identifies the person: a reader's word, in every language and size, and a number whatever it says.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';

import { audit } from './lib/audit.mjs';
import { Entrance } from './lib/entrance.mjs';
import { Gallery } from './lib/gallery.mjs';
import { eventually } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { sizes } from './lib/sizes.mjs';
import { settled, Stage } from './lib/stage.mjs';

/** A verifier that says one word, or none until its asker leaves. */
class Verifier {
  static async start() {
    const verifier = new Verifier();
    verifier.server = createServer(async (request, answer) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { request_id, method, code } = JSON.parse(Buffer.concat(chunks));
      verifier.asked.push([method, code ?? '']);
      answer.on('close', () => { if (!answer.writableEnded) verifier.calledOff += 1; });
      if (verifier.says === '') return;
      answer.setHeader('Content-Type', 'application/json');
      answer.end(JSON.stringify({ request_id, result: verifier.says, full_name: 'NGUYỄN THỊ CHIP MẪU' }));
    });
    await new Promise((done) => verifier.server.listen(0, '127.0.0.1', done));
    verifier.url = `http://127.0.0.1:${verifier.server.address().port}/verify`;
    return verifier;
  }

  constructor() { this.says = ''; this.asked = []; this.calledOff = 0; }

  close() { this.server.closeAllConnections(); this.server.close(); }
}

/** Kept as somebody has looked at them. */
const KEPT = ['waiting', 'refused'];

const text = (page, selector) => page.locator(selector).textContent();
const at = (page, screen) => page.locator(`#kiosk[data-at="${screen}"]`).waitFor();

async function toConfirm(page) {
  await page.locator('.tile').last().click();
  await page.locator('#tasks-any:visible, #take:visible').first().waitFor();
  if (await page.locator('#tasks-any').isVisible()) await page.locator('#tasks-any').click();
  await at(page, 'confirm');
}

/** A machine whose centre identifies people, beside a verifier. */
async function reading(screens, centre) {
  const verifier = screens.served(await Verifier.start());
  const machine = screens.served(await Entrance.open(centre, { identity: { chip: verifier.url, vneid: verifier.url } }));
  await eventually(async () => { const now = await machine.centre(); return now.ready && now.reachable && now.procedures > 0; });
  return { machine, verifier };
}

/** The step in each of its states: `look` at every one. */
async function walk(page, verifier, words, look) {
  await toConfirm(page);
  await look('confirm');
  verifier.says = '';
  await page.locator('#identity-row').click();
  await at(page, 'identity');
  await look('waiting');
  const before = verifier.calledOff;
  await page.locator('#identity .back').click();
  await at(page, 'confirm');
  await eventually(async () => verifier.calledOff > before);
  for (const word of words) {
    verifier.says = word;
    await page.locator('#identity-row').click();
    await page.locator('#identity-again').waitFor();
    await look(word);
    assert.equal(await page.locator('#identity-row').getAttribute('aria-pressed'), 'false');
    if (word === 'nonsense') verifier.says = 'verified';
    await page.locator(word === 'nonsense' ? '#identity-again' : '#identity .back').click();
    await at(page, 'confirm');
  }
  await page.locator('#identity-row[aria-pressed="true"]').waitFor();
  await look('verified');
}

for (const [viewport, glass] of [['kiosk', '32'], ['board', '21']]) {
  test(`the step that identifies, on ${glass} inches, in every language, size and state`, async ({ screens, centre: started }) => {
    screens.allow(/503 .*api\/identity|INCOMPLETE_CHUNKED/);
    const centre = await started();
    const { machine, verifier } = await reading(screens, centre);
    const stage = screens.served(await Stage.open({ urls: { ...centre.urls, kiosk: machine.url } }));
    const gallery = await Gallery.open(screens);
    for (const [lang, big] of ['vi', 'km', 'en'].flatMap((lang) => [[lang, false], [lang, true]])) {
      const page = await screens.open(stage.url, viewport);
      if (lang !== 'vi') await page.locator(`[data-lang="${lang}"]`).click();
      if (big) await page.locator('#big').click();
      // The longest sentence everywhere, every sentence once.
      const words = lang === 'vi' && !big ? ['no_card', 'refused', 'expired', 'nonsense'] : ['refused', 'nonsense'];
      await walk(page, verifier, words, async (state) => {
        const what = `${state} ${glass} ${lang} ${big ? 'large' : 'normal'}`;
        await audit(page, what, { wall: true });
        assert.deepEqual(await sizes(page, big), [], what);
        if (!KEPT.includes(state)) return;
        await settled(page);
        await gallery.check(page, `kiosk-${glass}-identity-${state}-${lang}${big ? '-large' : ''}`);
      });
      await page.close();
    }
    assert.deepEqual(gallery.wrong, []);
  });
}

test('a card on the reader is a word on the number, and no card is no hindrance', async ({ screens, centre: started }) => {
  const centre = await started();
  const { machine, verifier } = await reading(screens, centre);
  const page = await screens.open(machine.url, 'kiosk');
  await toConfirm(page);
  verifier.says = 'verified';
  verifier.asked.length = 0;
  await page.locator('#identity-row').click();
  await page.locator('#identity-row[aria-pressed="true"]').waitFor();
  const sent = page.waitForRequest('**/api/tickets');
  await page.locator('#take').click();
  const { identity_proof: proof } = (await sent).postDataJSON();
  assert.match(proof, /^[0-9a-f-]{32,36}$/);
  await page.locator('#number').waitFor();
  assert.deepEqual(verifier.asked, [['chip', '']]);
  // The next person has proven nothing.
  await page.locator('#finish').click();
  await toConfirm(page);
  assert.equal(await page.locator('#identity-row').getAttribute('aria-pressed'), 'false');
  assert.ok(!(await text(page, 'body')).includes('CHIP MẪU'));
});
