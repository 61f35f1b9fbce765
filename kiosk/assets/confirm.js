// What is asked for: one thing, or several procedures on one number, with the papers of each.
import { byId, paint } from './live.js';
import { pager } from './pager.js';
import { say, waiting } from './lang.js';

// As routing takes it.
const VISIT_MAX = 3;

/** The wish for these procedures, in the order in which they were chosen. */
export function wishFor(procedures) {
  const [first, ...more] = procedures;
  const body = { procedure_code: first.code };
  if (more.length > 0) body.more_procedures = more.map(({ code }) => code);
  return { body, area: first.area, procedure: first, procedures };
}

/** The procedures of a wish with another one: a second choice of the same is one. */
export const withAnother = (held, procedure) => [...held.filter(({ code }) => code !== procedure.code), procedure];

export function letter(element, area) {
  element.textContent = area?.letter ?? '';
  if (area) paint(element, area.colour);
}

export function fact(id, value) {
  byId(id).hidden = !value;
  byId(id).querySelector('dd').textContent = value ?? '';
}

function paper({ name, originals, certified_copies, copies }) {
  const line = byId('paper-row').content.cloneNode(true);
  line.querySelector('.name').textContent = name;
  const counts = [[originals, 'confirm.original'], [certified_copies, 'confirm.certified'], [copies, 'confirm.copy']];
  line.querySelector('.count').textContent = counts.filter(([n]) => n > 0).map(([n, word]) => say(word, { n })).join(', ');
  return line;
}

/** A procedure above its papers, and the key that leaves it out. */
function heading(procedure, remove) {
  const line = byId('visit-row').content.cloneNode(true);
  letter(line.querySelector('.letter'), procedure.area);
  line.querySelector('.name').textContent = procedure.name;
  line.querySelector('.visually-hidden').textContent = say('visit.remove');
  line.querySelector('button').addEventListener('click', () => remove(procedure));
  return line;
}

const turn = pager(byId('bring'), byId('confirm').querySelectorAll('[data-page]'));

/** `known`: the area with its figures; `claimed`: the class that was chosen; `proof`: that the person is identified; `remove` takes one procedure out. */
export function drawConfirm({ wish, known, claimed, proof, centre, remove }) {
  const { procedure, procedures = [] } = wish;
  const several = procedures.length > 1, alone = centre?.reachable === false;
  byId('confirm-name').textContent = several ? say('visit.title', { n: procedures.length }) : procedure?.name ?? known?.name ?? say('guidance');
  byId('visit-alone').hidden = !several || !alone;
  byId('visit-add').hidden = !procedure || alone || procedures.length >= VISIT_MAX;
  byId('bring').hidden = !procedure;
  byId('confirm').classList.toggle('short', !procedure);
  byId('confirm').classList.toggle('several', several);
  byId('visit-order').hidden = !several;
  const papers = procedures.flatMap((one) => one.components);
  byId('papers-none').hidden = papers.length > 0 || several;
  byId('papers-print').hidden = papers.length === 0;
  byId('papers-print').disabled = !centre?.printer.ready;
  byId('papers-printed').textContent = '';
  byId('papers').replaceChildren(...procedures.flatMap((one) => [...(several ? [heading(one, remove)] : []), ...one.components.map(paper)]));
  letter(byId('confirm').querySelector('.side .letter'), known);
  byId('confirm-area').textContent = known?.name ?? '';
  byId('confirm-wait').textContent = known?.waiting !== undefined ? waiting(known.waiting, known.wait).join(' · ') : '';
  fact('confirm-limit', procedure?.limit);
  fact('confirm-fee', procedure?.fee);
  byId('priority-row').setAttribute('aria-pressed', String(!!claimed));
  byId('priority-text').textContent = claimed ? `${claimed.name}. ${say('priority.check')}` : say('priority');
  byId('identity-row').setAttribute('aria-pressed', String(!!proof));
  byId('identity-row-text').textContent = say(proof ? 'identity.done' : 'identity');
  byId('bring').scrollTop = 0;
  // Once it stands on the screen.
  requestAnimationFrame(turn);
}

/** On the number's screen: each procedure and its area, and what the number is not good for. */
export function drawVisit({ errands, left_out }) {
  byId('done-visit').hidden = errands.length === 0;
  byId('done-visit').replaceChildren(...errands.map(({ name, area }) => {
    const line = document.createElement('li'), mark = document.createElement('span'), words = document.createElement('span');
    mark.className = 'letter';
    letter(mark, area);
    words.className = 'name';
    words.textContent = name;
    line.append(mark, words);
    return line;
  }));
  byId('done-left').hidden = left_out.length === 0;
  byId('done-left').textContent = left_out.length > 0 ? say('done.left_out', { names: left_out.join('; ') }) : '';
}
