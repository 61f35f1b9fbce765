// Dossiers of the desk, for tests of what comes after.
import assert from 'node:assert/strict';

import { eventually, link } from './hall.mjs';

let acts = 0;

/** A signed-in desk and a dossier that it received; the page of the dossier, once status knows it. */
export async function received(screens, centre, full_name = 'Nguyễn Thị Thử Nghiệm') {
  const page = await screens.open(await link(centre, 'console/1'), 'desk');
  const post = (path, body) => page.request.post(new URL(path, page.url()).href, { headers: { 'x-motcua': '1' }, data: body });
  const found = await (await page.request.get(new URL('/desk/1/procedures?q=tach%20thua', page.url()).href, { headers: { 'x-motcua': '1' } })).json();
  const procedure = (found.procedures ?? found)[0].code;
  const answer = await post('/desk/1/dossiers', { request_id: `accept-${(acts += 1)}`, ticket_id: '', procedure_code: procedure, applicant: { full_name, id_number: '', phone: '', email: '', address: '' }, components: [], return_channel: 1 });
  assert.equal(answer.status(), 200, await answer.text());
  const dossier = await answer.json();
  const url = new URL(`/dossiers/${dossier.id}`, page.url()).href;
  screens.allow(/404/);
  await eventually(async () => (await page.request.get(url)).ok());
  await page.goto(url);
  return { page, dossier, post };
}
