// The connection to the process: opened, lost, tried again, or refused for good.
/** @import { PageFrame, ServerFrame } from "../src/wire.ts" */

/**
 * @typedef {(
 *   | { readonly is: "connecting" }
 *   | { readonly is: "live" }
 *   | { readonly is: "lost"; readonly at: number; readonly retryAt: number }
 *   | { readonly is: "expired" }
 * )} LinkState `at` and `retryAt` are Unix milliseconds of this browser
 */

/** The server closes with this code when the link's token is not its own. */
export const tokenRefused = 4401;

/** How long to wait before each try after a loss; the last is used from then on. */
const waitsMs = [1000, 2000, 4000, 8000, 10_000];

/** A socket that does not open within this time is given up, and tried again. */
const openWithinMs = 8000;

/**
 * Opens the connection and keeps it open until the server refuses the token.
 *
 * @param {{
 *   readonly url: string;
 *   readonly onFrame: (frame: ServerFrame) => void;
 *   readonly onState: (state: LinkState) => void;
 * }} options
 */
export function openLink({ url, onFrame, onState }) {
  /** @type {WebSocket} */
  let socket;
  let lostAt = 0;
  let tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  const open = () => {
    socket = new WebSocket(url);
    const opened = socket;
    const patience = setTimeout(() => opened.close(), openWithinMs);
    opened.onopen = () => clearTimeout(patience);
    opened.onmessage = ({ data }) => {
      if (opened !== socket) return;
      const frame = /** @type {ServerFrame} */ (JSON.parse(String(data)));
      if (frame.t === "hello") {
        tries = 0;
        lostAt = 0;
        onState({ is: "live" });
      }
      onFrame(frame);
    };
    opened.onclose = ({ code }) => {
      clearTimeout(patience);
      if (opened !== socket) return;
      if (code === tokenRefused) onState({ is: "expired" });
      else lost();
    };
  };

  const lost = () => {
    if (lostAt === 0) lostAt = Date.now();
    const wait = waitsMs[Math.min(tries, waitsMs.length - 1)] ?? 10_000;
    tries += 1;
    onState({ is: "lost", at: lostAt, retryAt: Date.now() + wait });
    clearTimeout(waiting);
    waiting = setTimeout(open, wait);
  };

  open();
  return {
    /** @param {PageFrame} frame sent when the connection is open; else it is dropped, since a new one starts anew */
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    /** Tries at once instead of after the wait. */
    retryNow() {
      clearTimeout(waiting);
      open();
    },
  };
}
