import { say } from './lang.js';

// What a number without paper says, and what is said before anybody takes one.
export const WHY = {
  PRINTER_PAPER_OUT: 'paper.out', PRINTER_COVER_OPEN: 'paper.cover', PRINTER_CUTTER: 'paper.cutter', PRINTER_NONE: 'paper.none',
  PRINT_HALF: 'paper.half', PRINT_UNCONFIRMED: 'paper.unsure', PRINT_INTERRUPTED: 'paper.unsure', PRINTER_BUSY: 'paper.unsure',
};
export const NOTICE = { PRINTER_PAPER_OUT: 'paper.notice.out', PRINTER_COVER_OPEN: 'paper.notice.cover', PRINTER_CUTTER: 'paper.notice.cutter' };

// A paper without a number: what to bring, where to go.
export async function printNote(button, said, ready, ask) {
  button.disabled = true;
  try { await ask(); said.textContent = say('note.printed'); } catch (failure) { said.textContent = failure.message || say('error.ask'); }
  setTimeout(() => { button.disabled = !ready(); }, 5000);
}
