import { forgetLink } from './live.js';
import { poll } from './poll.js';

forgetLink();
poll(document.getElementById('manager'));
