// What every live page shares: patching from server-made HTML, one event stream, sending an act once.

/** How to find the focused element again after its slot was written anew; null when it has no name. */
function named(slot) {
  const element = document.activeElement;
  if (!element || element === slot || !slot.contains(element)) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const marks = ['sheet', 'act', 'ticket'].filter((mark) => element.dataset[mark] !== undefined);
  return marks.map((mark) => `[data-${mark}="${CSS.escape(element.dataset[mark])}"]`).join('') || null;
}

/** Copies each [data-slot] of `html` onto the element of the same name; elements stay, so focus stays. */
export function patch(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  for (const fresh of template.content.querySelectorAll('[data-slot]')) {
    const old = document.querySelector(`[data-slot="${fresh.dataset.slot}"]`);
    if (!old) continue;
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && name !== 'aria-busy') old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    if (old.innerHTML !== fresh.innerHTML) {
      const focus = named(old);
      old.innerHTML = fresh.innerHTML;
      if (focus) old.querySelector(focus)?.focus({ preventScroll: true });
    }
  }
}

/** One event stream that heals itself: `state` brings HTML, silence longer than `quiet` ms means the line is down. */
export function listen(url, { state, down, up, quiet = 12_000 }) {
  let source;
  let timer;
  let wait = 1000;
  const lost = () => { down(); source?.close(); clearTimeout(timer); timer = setTimeout(open, wait); wait = Math.min(wait * 2, 10_000); };
  const heard = () => { clearTimeout(timer); timer = setTimeout(lost, quiet); };
  function open() {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(url);
    timer = setTimeout(lost, quiet);
    source.addEventListener('state', (event) => { wait = 1000; heard(); up(); state(event.data); });
    source.addEventListener('beat', heard);
    source.addEventListener('down', () => { heard(); down(); });
    source.addEventListener('over', () => { clearTimeout(timer); source.close(); location.reload(); });
    source.onerror = lost;
  }
  addEventListener('online', open);
  addEventListener('offline', () => down());
  addEventListener('pagehide', () => { clearTimeout(timer); source?.close(); });
  addEventListener('pageshow', (event) => { if (event.persisted) open(); });
  open();
}

/** A new request id; randomUUID exists on secure origins only. */
export function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What the server refused: `reason`, `message`, `fields`. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.message ?? 'Không thực hiện được. Xin thử lại.');
    this.status = status;
    this.reason = body.reason ?? 'UNKNOWN';
    this.fields = body.fields ?? [];
  }
}

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** Posts one act, with the same request id until it is answered. `waiting(true)` while it has to be tried again. */
export async function post(url, body, waiting = () => {}) {
  const text = JSON.stringify({ ...body, request_id: body.request_id ?? requestId() });
  for (let pause = 500; ; pause = Math.min(pause * 2, 5000)) {
    let answer;
    try {
      answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-motcua': '1' },
        body: text,
        signal: AbortSignal.timeout(8000),
      });
    } catch {
      waiting(true);
      await sleep(pause);
      continue;
    }
    if (answer.ok) {
      waiting(false);
      return answer.json();
    }
    if ([429, 502, 503, 504].includes(answer.status)) {
      waiting(true);
      await sleep(pause);
      continue;
    }
    waiting(false);
    throw new Refused(answer.status, await answer.json().catch(() => ({})));
  }
}

/** Posts once, also while the page goes away; null when it did not arrive. */
export function tell(url, body) {
  const headers = { 'content-type': 'application/json', 'x-motcua': '1' };
  return fetch(url, { method: 'POST', keepalive: true, headers, body: JSON.stringify(body) })
    .then((answer) => (answer.ok ? answer.json() : null))
    .catch(() => null);
}

/** Reads JSON or text; an error answer becomes Refused. */
export async function get(url, { signal } = {}) {
  const answer = await fetch(url, { headers: { 'x-motcua': '1' }, signal });
  const json = answer.headers.get('content-type')?.includes('json');
  if (!answer.ok) throw new Refused(answer.status, json ? await answer.json() : {});
  return json ? answer.json() : answer.text();
}

/** A message that goes away by itself. */
export function toast(text, bad = false) {
  const box = document.getElementById('toasts');
  if (!box) return;
  const line = document.createElement('p');
  line.className = bad ? 'toast bad' : 'toast';
  line.textContent = text;
  box.append(line);
  while (box.children.length > 3) box.firstChild.remove();
  setTimeout(() => line.remove(), bad ? 9000 : 5000);
}

/** The banner above the work; null takes it away. Several reasons may hold at once: the gravest is shown. */
const banners = {};
export function banner(key, text, bad = false) {
  banners[key] = text === null ? undefined : { text, bad };
  const box = document.getElementById('banner');
  const first = banners.act ?? banners.line ?? banners.form;
  box.hidden = !first;
  box.textContent = first?.text ?? '';
  box.classList.toggle('bad', Boolean(first?.bad));
}

/** The link's secret leaves the address bar as soon as the page is open. */
export function forgetLink() {
  const url = new URL(location.href);
  if (url.searchParams.has('link')) {
    url.searchParams.delete('link');
    history.replaceState(history.state, '', url);
  }
}
