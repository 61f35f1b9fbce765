// What every screen on the wall shares: one stream of events, a clock, a sign when the line is down. Written for the
// browsers of old TV boxes: Chromium 69, so no ?. and no ?? here, nor anything else that is younger.
const STALE_MS = 1400;
const RETRY_MS = 700;

export const byId = (id) => document.getElementById(id);

// Writes only what differs, so that nothing is made or thrown away while nothing changes.
export function text(element, value) {
  const wanted = String(value);
  if (element.textContent !== wanted) element.textContent = wanted;
}

export function mark(element, name, value) {
  if (value === null || value === undefined || value === '') element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

// Black or white, whichever reads better on a colour of the configuration.
export function paint(element, colour) {
  if (element.wallColour === colour) return;
  element.wallColour = colour;
  if (!/^#[0-9a-f]{6}$/i.test(colour)) { element.style.removeProperty('--area'); element.style.removeProperty('--on'); return; }
  const part = (at) => { const c = parseInt(colour.slice(at, at + 2), 16) / 255; return c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4); };
  const light = 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  element.style.setProperty('--area', colour);
  element.style.setProperty('--on', 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? '#FFFFFF' : '#14110F');
}

// handlers: by the name of an event, its data; `stale(isStale)`. The page is built anew when its version is another one:
// the centre's configuration changed, or this machine's program.
export function listen(query, handlers) {
  const wall = byId('wall'), clock = byId('clock'), date = byId('date');
  let source, last = performance.now(), alive = true, stale = false, id = query.get('after');

  const on = (name, act) => source.addEventListener(name, (event) => {
    last = performance.now();
    act(JSON.parse(event.data), event);
  });
  const open = () => {
    if (id !== null) query.set('after', id);
    source = new EventSource('/events?' + query);
    Object.keys(handlers).filter((name) => name !== 'stale').forEach((name) => on(name, (data, event) => {
      if (event.lastEventId) id = event.lastEventId;
      if (name === 'wall' && data.ready && data.version !== wall.dataset.version) { location.reload(); return; }
      handlers[name](data);
    }));
    on('beat', (beat) => {
      alive = beat.alive;
      text(clock, beat.clock);
      text(date, beat.date);
      check();
    });
    // A browser gives a stream up after an answer other than 200, and waits seconds after a cut.
    source.onerror = () => { source.close(); setTimeout(open, RETRY_MS); };
  };
  const check = () => {
    const now = !alive || performance.now() - last > STALE_MS;
    if (now !== stale) { stale = now; byId('stale').hidden = !stale; if (handlers.stale) handlers.stale(stale); }
  };
  document.querySelectorAll('[data-colour]').forEach((letter) => paint(letter, letter.dataset.colour));
  open();
  setInterval(check, 100);
}
