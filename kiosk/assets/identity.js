// The optional step that identifies the person: one question to a chip reader or VNeID's verifier, one word back.
import { byId } from './live.js';
import { say } from './lang.js';
import { identify } from './api.js';

const methods = byId('identity').dataset.methods.split(' ').filter(Boolean);
let question = null, state = 'waiting';

/** Calls off what is being asked. */
export function leave() {
  question?.abort();
  question = null;
}

export function drawIdentity() {
  const words = { waiting: methods.length > 1 ? 'identity.both' : `identity.${methods[0]}`, asking: 'identity.asking' };
  byId('identity-text').textContent = say(words[state] ?? `identity.${state}`);
  byId('identity-again').hidden = state === 'waiting' || state === 'asking';
}

async function ask(what, done) {
  leave();
  const own = new AbortController();
  question = own;
  state = what.text === undefined && what.id === undefined ? 'waiting' : 'asking';
  drawIdentity();
  try {
    const { result, proof } = await identify(what, own.signal);
    if (own.signal.aborted) return;
    if (proof) { done(proof); return; }
    state = result;
  } catch {
    if (own.signal.aborted) return;
    state = 'unavailable';
  }
  drawIdentity();
}

/** The step begins: a reader looks for a card at once, a code comes from the scanner. */
export function begin(done) {
  state = 'waiting';
  drawIdentity();
  if (methods.includes('chip')) ask({}, done);
}

/** A code was held before the scanner. */
export const present = (what, done) => ask(what, done);
