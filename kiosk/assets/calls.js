import { byId } from './live.js';
import { say } from './lang.js';

// The hall's calls above a standing screen
export function drawCalls(hall) {
  byId('calls').replaceChildren(...hall.map((call) => {
    const line = byId('call-row').content.cloneNode(true);
    line.querySelector('.ticket').textContent = `${call.letter} ${call.digits}`;
    if (call.to) line.querySelector('.goal').textContent = say('area', { letter: call.to });
    else {
      line.querySelector('.counter').textContent = call.counter;
      line.querySelector('[data-t]').textContent = say('counter');
    }
    return line;
  }));
}
