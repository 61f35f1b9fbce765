// One screen works a counter. Its session lives as long as the browser's tab and survives a reload.
import { requestId } from './live.js';

const page = requestId();

/** The session of this tab for a counter; `lost` is told when another tab turns out to have the same one. */
export class Claim {
  constructor(counter, twin) {
    this.key = `motcua-session-${counter}`;
    try {
      this.session = sessionStorage.getItem(this.key) ?? this.#renew();
    } catch {
      // Storage may be forbidden: then a reload is another screen.
      this.session = requestId();
    }
    if (!('BroadcastChannel' in window)) return;
    // A duplicated tab inherits the storage: the older one keeps the session, the newer one takes another.
    const channel = new BroadcastChannel(this.key);
    channel.addEventListener('message', ({ data }) => {
      if (data.session !== this.session || data.page === page) return;
      if (data.what === 'opened') channel.postMessage({ what: 'mine', session: this.session, page });
      else if (data.what === 'mine') {
        this.session = this.#renew();
        twin();
      }
    });
    channel.postMessage({ what: 'opened', session: this.session, page });
  }

  #renew() {
    const session = requestId();
    try {
      sessionStorage.setItem(this.key, session);
    } catch {
      // As above.
    }
    return session;
  }
}
