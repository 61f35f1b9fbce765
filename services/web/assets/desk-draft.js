// Drafts: what is typed survives a crash of the browser on this machine. One draft a counter and ticket; it goes when the
// reception ends or the officer throws it away, and by itself after twelve hours.
const PREFIX = 'motcua-draft';
const KEPT_MS = 12 * 3600 * 1000;

/** The drafts of one counter, as one officer sees them. */
export class Drafts {
  constructor(counter, user) {
    this.counter = counter;
    this.user = user;
    this.#forgetOld();
  }

  #key(ticket) {
    return `${PREFIX}/${this.counter}/${this.user}/${ticket || '-'}`;
  }

  #all() {
    const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at));
    return keys.filter((key) => key.startsWith(`${PREFIX}/`)).flatMap((key) => {
      try {
        return [{ key, ...JSON.parse(localStorage.getItem(key)) }];
      } catch {
        localStorage.removeItem(key);
        return [];
      }
    });
  }

  #forgetOld() {
    for (const { key, at } of this.#all()) if (!(Date.now() - at < KEPT_MS)) localStorage.removeItem(key);
  }

  save(ticket, state) {
    try {
      localStorage.setItem(this.#key(ticket.id), JSON.stringify({ at: Date.now(), ticket, state }));
    } catch {
      // A full or forbidden store: the page itself still has everything.
    }
  }

  /** The newest draft of this counter that is not of `ticket` itself being typed; null when there is none. */
  newest(except = null) {
    const own = `${PREFIX}/${this.counter}/${this.user}/`;
    const found = this.#all().filter(({ key }) => key.startsWith(own) && key !== except);
    return found.sort((a, b) => b.at - a.at)[0] ?? null;
  }

  keyOf(ticket) {
    return this.#key(ticket.id);
  }

  forget(key) {
    localStorage.removeItem(key);
  }
}
