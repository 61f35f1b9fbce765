// Plays what this machine says, in order and never two at once. A browser may refuse to sound before somebody has touched
// the page: then the page says so until they do. For Chromium 69, as wall.js.
const WAITING_MAX = 8;
// A sound that does not end is given up this long after its time.
const LATE_MS = 3000;

export function voice(blockedButton) {
  const audio = new Audio();
  const waiting = [];
  const heard = [];
  // Counts what was played; only the sound that plays now may end itself.
  let count = 0, playing = false, timer;

  const blocked = (is) => { blockedButton.hidden = !is; };

  function ended(which) {
    if (which !== count || !playing) return;
    clearTimeout(timer);
    playing = false;
    if (waiting.length > 0) play(waiting.shift());
  }

  function play(saying) {
    count += 1;
    playing = true;
    const which = count;
    timer = setTimeout(() => ended(which), saying.ms + LATE_MS);
    audio.src = saying.url;
    const started = audio.play();
    if (!started) return;
    started.then(() => blocked(false), (error) => {
      if (which !== count) return;
      if (error.name === 'NotAllowedError') {
        blocked(true);
        // Nobody wants to hear old calls when somebody touches the screen at last.
        waiting.length = 0;
      }
      ended(which);
    });
  }

  audio.addEventListener('ended', () => ended(count));
  audio.addEventListener('error', () => ended(count));
  // Any touch or key opens the sound, wherever on the page: whoever stands before the board need not hit the button.
  const touched = () => { if (!blockedButton.hidden) play({ url: '/voice/check.wav', ms: 200 }); };
  document.addEventListener('click', touched);
  document.addEventListener('keydown', touched);
  // Whether it may sound is known before the first call.
  play({ url: '/voice/check.wav', ms: 200 });

  return (saying) => {
    const key = `${saying.hall} ${saying.seq} ${saying.again}`;
    if (heard.indexOf(key) >= 0) return;
    heard.push(key);
    while (heard.length > 64) heard.shift();
    while (waiting.length >= WAITING_MAX) waiting.shift();
    waiting.push(saying);
    if (!playing) play(waiting.shift());
  };
}
