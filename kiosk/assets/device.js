// Help for whoever stands here, an administrator's notices and words, and the page built anew when the machine is let in or
// out or its configuration is another one.
import { language, load, say, use } from './lang.js';

const EVERY_MS = 2000, NOTICE_MS = 8000;
const byId = (id) => document.getElementById(id);
const help = byId('help'), dialog = byId('help-dialog');
const TEXT = { none: 'help.ask', called: 'help.called', unheard: 'help.unheard', coming: 'help.coming' };
let state = null, notice = 0;

const line = document.createElement('p');
line.className = 'banner device-notice';
line.hidden = true;
document.querySelector('.banners').append(line);

function draw() {
  byId('help-text').textContent = say(TEXT[state.help]);
  const called = state.help !== 'none';
  byId('help-yes').hidden = called;
  byId('help-off').hidden = !called;
  help.dataset.help = state.help;
  help.querySelector('[data-t]').dataset.t = called ? 'help.button.called' : 'help.call';
  help.querySelector('[data-t]').textContent = say(called ? 'help.button.called' : 'help.call');
  line.hidden = state.notices.length === 0;
  const text = state.notices[notice % (state.notices.length || 1)] ?? '';
  if (line.textContent !== text) line.textContent = text;
}

async function ask(path, method = 'GET') {
  const answer = await fetch(path, { method, signal: AbortSignal.timeout(4000) });
  if (!answer.ok) throw new Error(path);
  state = await answer.json();
  if (state.epoch !== help.dataset.epoch) location.reload();
  draw();
}
const look = () => ask('/api/device').catch(() => {}).then(() => setTimeout(look, EVERY_MS));

help.addEventListener('click', () => { if (state) draw(); dialog.showModal(); byId(byId('help-yes').hidden ? 'help-back' : 'help-yes').focus(); });
byId('help-back').addEventListener('click', () => dialog.close());
const act = (button, path, after) => byId(button).addEventListener('click', async () => {
  byId(button).disabled = true;
  try { await ask(path, 'POST'); after(); } catch { byId('help-text').textContent = say('help.failed'); }
  byId(button).disabled = false;
});
act('help-yes', '/api/help', () => byId('help-back').focus());
act('help-off', '/api/help/cancel', () => dialog.close());
// A language is chosen: the sentences here follow.
document.querySelectorAll('[data-lang]').forEach((button) => button.addEventListener('click', () => { if (state) draw(); }));
setInterval(() => { notice += 1; if (state) draw(); }, NOTICE_MS);

await load();
// What an administrator has set stands in the files, not in the page as it came.
use(language());
look();
