// The display above a counter. For Chromium 69, as wall.js.
import { byId, listen, mark, paint, text } from './wall.js';

const wall = byId('wall'), number = byId('number'), letter = number.querySelector('.letter');
const lines = byId('text').querySelectorAll('p');

listen(new URLSearchParams({ wall: '', counter: wall.dataset.counter }), {
  counter(state) {
    mark(wall, 'data-state', state.state);
    mark(wall, 'data-ticket', state.number);
    text(byId('place'), state.counter);
    number.hidden = !state.number;
    text(letter, state.letter);
    text(number.querySelector('.digits'), state.digits);
    paint(letter, state.colour);
    lines.forEach((line, n) => text(line, state.text[n] || ''));
  },
  wall(state) { byId('simulated').hidden = !state.simulated; },
});
