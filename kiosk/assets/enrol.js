// The code of a machine that nobody has let in: Chromium 69 and up, for boards on old TV boxes.
const page = document.getElementById('enrol'), code = document.getElementById('code'), problem = document.getElementById('problem');
if (page.dataset.mm) document.documentElement.style.setProperty('--mm', page.dataset.mm + 'px');

function show(state) {
  if (!state.out) { location.reload(); return; }
  const text = state.code === '' ? '…' : state.code;
  if (code.textContent !== text) code.textContent = text;
  if (problem.textContent !== state.problem) problem.textContent = state.problem;
}

function look() {
  const later = () => setTimeout(look, 1000);
  fetch('/api/device').then((answer) => answer.json()).then(show).then(later, later);
}
look();
