import type { WebSocket } from "ws";
import type { Guard } from "../guard.ts";
import type { Observatory } from "../observatory.ts";
import type { Time } from "../time.ts";
import type { Hello, ServerFrame } from "../wire.ts";
import { Page } from "./page.ts";
import { parsePageFrame } from "./page-frame.ts";
import type { Pages } from "./pages.ts";
import { closeCodes } from "./socket.ts";

/** What a page may send in a second; a reader who holds an arrow key down sends 30. */
const mostFramesPerSecond = 200;

/** Ties a page to its socket: frames out, frames in, and the end of either. */
export function connectPage(
  socket: WebSocket,
  pages: Pages,
  {
    observatory,
    time,
    hello,
    guard,
  }: { readonly observatory: Observatory; readonly time: Time; readonly hello: Hello; readonly guard: Guard },
): void {
  const page = new Page(observatory, (frame) => {
    // What processes tell of themselves may be no JSON: that frame is left out, and the next ones go on.
    guard(`a frame of kind ${frame.t}`, () => socket.send(frameText(frame)));
  });
  const remove = pages.add({ page, cutOff: () => socket.terminate() }, hello);
  let second = 0;
  let frames = 0;
  socket.on("message", (data, isBinary) => {
    const now = Math.floor(time.unixMs() / 1000);
    frames = now === second ? frames + 1 : 1;
    second = now;
    if (frames > mostFramesPerSecond) return socket.close(closeCodes.tooManyFrames, "too many frames");
    const frame = isBinary ? undefined : parsePageFrame(String(data));
    if (frame === undefined) return socket.close(closeCodes.unknownFrame, "no frame of ours");
    page.receive(frame);
    pages.changed();
  });
  socket.on("close", remove);
}

/** A frame as JSON; big integers, which a process may give for a count or a position, as text. */
function frameText(frame: ServerFrame): string {
  try {
    return JSON.stringify(frame);
  } catch {
    return JSON.stringify(frame, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  }
}
