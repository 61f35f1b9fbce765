// Questions to the kiosk's own server. A failure is {reason, message, metadata}, also when nothing answers.
const WAIT_MS = 12_000;

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { ...options, signal: options?.signal ?? AbortSignal.timeout(WAIT_MS) });
  } catch {
    throw { reason: 'UNAVAILABLE', message: '', metadata: {} };
  }
  const body = await answer.json().catch(() => ({ reason: 'INTERNAL', message: '', metadata: {} }));
  if (!answer.ok) throw body;
  return body;
}

export const find = (query) => ask('/api/procedures?' + new URLSearchParams(query));
export const procedure = (code) => ask('/api/procedures/' + encodeURIComponent(code));
const post = (path, body) => ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
export const printPapers = ({ procedure_code: code, more_procedures = [] }, locale) => post(`/api/procedures/${encodeURIComponent(code)}/print`, { locale, more_procedures });
export const printWay = (id, locale) => post(`/api/referrals/${id}/print`, { locale });
export const missed = (q) => post('/api/searches/missed', { q });
export const scan = (what) => post('/api/scan', what);
// As long as somebody looks for their card: the caller calls it off.
export const identify = (what, signal) => ask('/api/identity', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(what), signal });
export const ticket = (id) => ask('/api/tickets/' + encodeURIComponent(id));
export const reprint = (id) => ask(`/api/tickets/${encodeURIComponent(id)}/print`, { method: 'POST' });

// The same key always gives the same ticket: tapping twice, a lost answer, a retry.
export function key() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export async function take(body, key, onRetry) {
  const options = { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key }, body: JSON.stringify(body) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask('/api/tickets', options);
    } catch (failure) {
      if (failure.reason === 'KIOSK_NOT_TRUSTED' || !['UNAVAILABLE', 'STORE_UNAVAILABLE', 'CATALOGUE_LOADING'].includes(failure.reason) || attempt >= 3) throw failure;
      onRetry();
      await new Promise((done) => setTimeout(done, 700 * attempt));
    }
  }
}
