import type { Socket } from "node:net";

/**
 * Ends a connection with RST: at once, or, where our half is just being ended, when that is through. What still waits to
 * be sent is dropped, and `close` always follows. Unix sockets know no RST: they are closed.
 *
 * A socket whose `shutdown()` is under way can't be reset: Node reports `EINVAL`, calls the socket destroyed, and
 * forgets its handle, which stays open; `close` never comes.
 */
export function reset(socket: Socket): void {
  const shutsDown = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (socket.destroyed) return;
  if (shutsDown) socket.once("finish", () => reset(socket));
  else if (isUnix(socket)) socket.destroy();
  else socket.resetAndDestroy();
}

const isUnix = (socket: Socket): boolean => !socket.connecting && socket.remoteAddress === undefined;
