// A dossier moves in days, not seconds: the page asks again when it is looked at again.
const sheet = document.querySelector('main');
const offline = document.getElementById('offline');
// Never what was sent again: a form's answer is left for the page itself.
const again = () => location.replace(sheet.dataset.address);
let typed = false;
sheet.addEventListener('input', () => { typed = true; });
let hidden = 0;
document.addEventListener('visibilitychange', () => {
  if (document.hidden) hidden = performance.now();
  else if (hidden && performance.now() - hidden > 60_000 && navigator.onLine && !typed) again();
});
if (offline) {
  addEventListener('offline', () => { offline.hidden = false; });
  addEventListener('online', () => { offline.hidden = true; });
}
const print = document.getElementById('print');
if (print && typeof window.print === 'function') {
  print.hidden = false;
  print.addEventListener('click', () => window.print());
}
