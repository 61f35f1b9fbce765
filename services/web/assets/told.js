// Messages and channels: the list looks again by itself, acts are sent once with their reason.
import { forgetLink } from './live.js';
import { wire } from './forms.js';
import { poll } from './poll.js';

forgetLink();
const board = document.getElementById('told');
const again = board ? poll(board, { what: 'Danh sách bên dưới' }) : () => {};
for (const form of document.querySelectorAll('form[data-post]')) wire(form, () => again());
