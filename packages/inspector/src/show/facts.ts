import type { Answer, Ladder } from "@trunkline/process";
import type { Answer as ShownAnswer, Ladder as ShownLadder } from "../wire.ts";

/** An answer as it goes over the wire: what is not known is left out. */
export function shownAnswer({ atMs, because, todo, heldGap, ...answer }: Answer): ShownAnswer {
  return {
    ...answer,
    ...(because === undefined ? {} : { because }),
    ...(todo === undefined ? {} : { todo }),
    ...(heldGap === undefined ? {} : { heldGap }),
    at: Math.round(atMs),
  };
}

/** A ladder as it goes over the wire: what is not known is left out. */
export function shownLadder({ rungs, gaps, kept }: Ladder): ShownLadder {
  return {
    rungs: rungs.map(({ position, atMs, ...rung }) => ({
      ...rung,
      ...(position === undefined ? {} : { lsn: position }),
      at: Math.round(atMs),
    })),
    gaps: gaps.map(({ bytes, text }) => ({ bytes: bytes ?? null, text })),
    ...(kept === undefined ? {} : { kept: shownKept(kept) }),
  };
}

function shownKept(kept: NonNullable<Ladder["kept"]>): NonNullable<ShownLadder["kept"]> {
  const { bytes, bytesPerSecond, maxBytes, fullInMs } = kept;
  return {
    bytes,
    bytesPerSecond,
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(fullInMs === undefined ? {} : { fullInMs }),
  };
}
