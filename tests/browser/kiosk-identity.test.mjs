// The optional step that identifies the person: a reader's word, in every language and size, and a number whatever it says.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';

import { audit } from './lib/audit.mjs';
import { Entrance } from './lib/entrance.mjs';
import { eventually } from './lib/hall.mjs';
import { test } from './lib/runner.mjs';
import { sizes } from './lib/sizes.mjs';

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

const text = (page, selector) => page.locator(selector).textContent();
const at = (page, screen) => page.locator(`#kiosk[data-at="${screen}"]`).waitFor();

async function toConfirm(page) {
  await page.locator('.tile').last().click();
  await page.locator('#tasks-any:visible, #take:visible').first().waitFor();
  if (await page.locator('#tasks-any').isVisible()) await page.locator('#tasks-any').click();
  await at(page, 'confirm');
}

test('a card on the reader is a word on the number, and no card is no hindrance', async ({ screens, centre: started }) => {
  screens.allow(/503 .*api\/identity/);
  const centre = await started();
  const verifier = await Verifier.start();
  const machine = await Entrance.open(centre, { identity: { chip: verifier.url, vneid: verifier.url } });
  try {
    await eventually(async () => { const now = await machine.centre(); return now.ready && now.reachable && now.procedures > 0; });
    for (const viewport of ['kiosk', 'board']) {
      for (const lang of ['vi', 'km', 'en']) {
        for (const big of [false, true]) {
          const page = await screens.open(machine.url, viewport);
          if (lang !== 'vi') await page.locator(`[data-lang="${lang}"]`).click();
          if (big) await page.locator('#big').click();
          const look = async (state) => {
            const what = `${state} ${viewport} ${lang} ${big ? 'large' : 'normal'}`;
            await audit(page, what, { wall: true });
            assert.deepEqual(await sizes(page, big), [], what);
          };
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
          // The longest sentence everywhere, every sentence once.
          for (const word of lang === 'vi' && !big ? ['no_card', 'refused', 'expired', 'nonsense'] : ['refused', 'nonsense']) {
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
          await page.close();
        }
      }
    }
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
  } finally {
    await machine.close();
    verifier.close();
  }
});
