// A dossier moves in days, not seconds: the page asks again when it is looked at again.
const offline = document.getElementById('offline');
let hidden = 0;
document.addEventListener('visibilitychange', () => {
  if (document.hidden) hidden = performance.now();
  else if (hidden && performance.now() - hidden > 60_000 && navigator.onLine) location.reload();
});
if (offline) {
  addEventListener('offline', () => { offline.hidden = false; });
  addEventListener('online', () => { offline.hidden = true; });
}
