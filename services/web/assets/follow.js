// After acceptance: a one-time code with which the citizen follows the dossier in Zalo. Made only when it is asked for.
import { post, toast } from './live.js';

const $ = (id) => document.getElementById(id);
const button = $('follow');
const receipt = $('accepted-pdf');

/** Base of the desk's addresses and the dossier, both in the receipt's address; null while nothing was accepted. */
function dossier() {
  const [, base, id] = receipt.getAttribute('href')?.match(/^(\/desk\/[^/]+)\/receipts\/([^/]+)\.pdf$/) ?? [];
  return id ? { base, id } : null;
}

// Another dossier has another code.
new MutationObserver(() => { $('follow-card').hidden = true; $('follow-why').hidden = true; button.hidden = false; })
  .observe(receipt, { attributes: true, attributeFilter: ['href'] });

button.addEventListener('click', async () => {
  const about = dossier();
  if (!about || button.hasAttribute('aria-busy')) return;
  button.setAttribute('aria-busy', 'true');
  try {
    const { code, until, url, qr } = await post(`${about.base}/follow/${encodeURIComponent(about.id)}`, {});
    if (dossier()?.id === about.id) {
      $('follow-code').textContent = code;
      $('follow-until').textContent = until;
      $('follow-url').textContent = url;
      $('follow-qr').src = qr;
      $('follow-card').hidden = false;
      button.hidden = true;
      $('follow-card').focus();
    }
  } catch (problem) {
    if (problem.status === 401) location.reload();
    else if (problem.reason === 'ZALO_NOT_SET_UP') { $('follow-why').hidden = false; button.hidden = true; } else toast(problem.message, true);
  }
  button.removeAttribute('aria-busy');
});
