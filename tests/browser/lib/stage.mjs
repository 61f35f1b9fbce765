// A kiosk whose centre stands still: its pages are the real ones, what they hear is played by hand, so that a picture of a
// screen is the same on every day and machine.
import { eventually, hall } from './hall.mjs';
import { Proxy } from './proxy.mjs';

const BEAT_MS = 250;
const BEAT = { clock: '08:42', date: 'Thứ Hai, 23/11/2026', alive: true };
/** People and minutes of each area, as a morning has them. */
const WAITS = [[7, 20, 30], [3, 8, 15], [0, 0, 0], [12, 35, 55], [1, 0, 5], [2, 3, 8]];
const row = (number, counter, colour, finished = false) => ({ number, letter: number[0], digits: number.slice(1), counter, colour, finished });

export class Stage {
  static async open(centre) {
    const stage = new Stage();
    stage.proxy = await Proxy.open(centre.urls.kiosk);
    stage.url = stage.proxy.url;
    const known = await hall(centre);
    stage.now = {
      ...known,
      reachable: true,
      areas: known.areas.map((area, at) => {
        const [waiting, minutes_min, minutes_max] = WAITS[at % WAITS.length];
        return { ...area, waiting, wait: { ahead: waiting, minutes_min, minutes_max }, spare: true };
      }),
      opening: { open: true, text: '', simulated: false },
      printer: { ready: true, near_end: false, reason: '', message: '' },
      offline: { ...known.offline, gives: true },
      demo_hint: null,
    };
    stage.hero = row('A123', 5, known.areas[0].colour);
    stage.rows = [row('B045', 6, known.areas[1].colour), row('D012', 11, known.areas[3].colour), row('A122', 2, known.areas[0].colour, true), row('C031', 8, known.areas[2].colour), row('E007', 12, known.areas[4].colour), row('F019', 14, known.areas[5].colour, true)];
    stage.feeds = new Map();
    stage.proxy.feed = (answer, url) => {
      stage.feeds.set(answer, (url.searchParams.get('hall') ?? '').split(','));
      answer.on('close', () => stage.feeds.delete(answer));
      stage.tell(answer, 'beat', BEAT);
      stage.play(answer);
    };
    stage.beat = setInterval(() => { for (const answer of stage.feeds.keys()) stage.tell(answer, 'beat', BEAT); }, BEAT_MS);
    return stage;
  }

  tell(answer, name, data, id) { answer.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`); }

  play(answer) {
    for (const hall of this.feeds.get(answer)) this.tell(answer, 'calls', { hall, seq: 9, hero: this.hero, rows: this.rows, flash: [] }, 9);
    this.tell(answer, 'centre', this.now);
  }

  /** Changes what the pages hear of the centre: `{ printer: … }`. */
  set(change) {
    this.now = { ...this.now, ...change };
    for (const answer of this.feeds.keys()) this.tell(answer, 'centre', this.now);
  }

  /** A number as the kiosk gives it, for a page that does not take one. */
  given({ number = 'A123', printed = true, errands = [], left_out = [] } = {}) {
    const [area] = this.now.areas;
    const url = 'https://motcua.example.vn/t/maumaumaumaumaumaumaum';
    return {
      ticket: { id: 'mau', number, letter: number[0], digits: number.slice(1), procedure_name: '', arrival_time: '2026-11-23T01:42:00Z', errands, left_out },
      area, estimate: { ahead: 7, minutes_min: 20, minutes_max: 30 }, offline: false, url, qr: '/api/tickets/mau/qr.svg',
      print: { printed, reason: printed ? '' : 'PRINTER_PAPER_OUT', message: '' },
    };
  }

  async close() {
    clearInterval(this.beat);
    await this.proxy.close();
  }
}

/** Until the page has heard the stage and its fonts are there. */
export async function settled(page) {
  await eventually(() => page.evaluate(() => document.querySelector('#clock').textContent === '08:42'
    && [...document.querySelectorAll('#offline, #stale')].every((sign) => sign.hidden)));
  await page.evaluate(() => document.fonts.ready);
}
