// Two large keys beside a list, for hands that do not swipe.

/** Wires the keys of a list; `whole()` says that nothing more can be loaded. Gives what brings the keys up to date. */
export function pager(rows, [up, down], whole = () => true) {
  const keys = () => {
    const room = rows.scrollHeight - rows.clientHeight;
    up.disabled = rows.scrollTop < 4;
    down.disabled = rows.scrollTop > room - 4 && whole();
  };
  const turn = (way) => rows.scrollBy({ top: way * rows.clientHeight * 0.9 });
  up.addEventListener('click', () => turn(-1));
  down.addEventListener('click', () => turn(1));
  rows.addEventListener('scroll', keys);
  return keys;
}
