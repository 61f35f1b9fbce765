// Report and book: plain pages; closing a period is sent once and then shown.
import { forgetLink } from './live.js';
import { wire } from './forms.js';

forgetLink();
for (const form of document.querySelectorAll('form[data-post]')) wire(form);
