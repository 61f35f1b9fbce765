// The list of devices looks again by itself; its forms are sent as every form of staff's.
import { forgetLink } from './live.js';
import { wire } from './forms.js';
import { poll } from './poll.js';

forgetLink();
const list = document.getElementById('devices');
if (list) poll(list, { every: 3000, stale: 12_000, what: 'Danh sách bên dưới' });
for (const form of document.querySelectorAll('form[data-post]')) wire(form);
