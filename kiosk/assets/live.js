// One stream of events a page: beats, figures, calls. The latest event of a kind alone suffices.
const STALE_MS = 1400;

// handlers: {calls(data), centre(data), scan(id), stale(isStale, isSilent)}; clock and date are shown here.
export function listen(query, handlers) {
  let source, last = performance.now(), alive = true, stale = false, silent = false, id = query.get('after');
  const clock = document.getElementById('clock'), date = document.getElementById('date');

  const open = () => {
    if (id !== null && id !== undefined) query.set('after', id);
    source = new EventSource('/events?' + query);
    source.addEventListener('calls', (event) => { id = event.lastEventId; handlers.calls?.(JSON.parse(event.data)); });
    source.addEventListener('centre', (event) => handlers.centre?.(JSON.parse(event.data)));
    source.addEventListener('scan', (event) => handlers.scan?.(JSON.parse(event.data).id));
    source.addEventListener('beat', (event) => {
      const beat = JSON.parse(event.data);
      last = performance.now();
      alive = beat.alive;
      if (clock.textContent !== beat.clock) clock.textContent = beat.clock;
      if (date.textContent !== beat.date) date.textContent = beat.date;
      check();
    });
    // A browser gives a stream up after an answer other than 200, and waits seconds after a cut.
    source.onerror = () => { source.close(); setTimeout(open, 700); };
  };
  const check = () => {
    // Silent: this machine itself says nothing. Stale: it does, but hears no calls.
    const dumb = performance.now() - last > STALE_MS, now = !alive || dumb;
    if (now !== stale || dumb !== silent) { stale = now; silent = dumb; handlers.stale?.(stale, silent); }
  };
  open();
  setInterval(check, 100);
}

// The server was served with its state; a figure that changes the shape of the page builds it anew.
export const byId = (id) => document.getElementById(id);

// Black or white, whichever reads better on a colour of the configuration.
export function paint(element, colour) {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return;
  const part = (at) => { const c = parseInt(colour.slice(at, at + 2), 16) / 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
  const light = .2126 * part(1) + .7152 * part(3) + .0722 * part(5);
  element.style.setProperty('--area', colour);
  element.style.setProperty('--on', 1.05 / (light + .05) >= (light + .05) / .05 ? '#FFFFFF' : '#14110F');
}

export function fit(pixels) {
  if (pixels) document.documentElement.style.setProperty('--mm', `${pixels}px`);
}
