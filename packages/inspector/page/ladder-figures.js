// What can be worked out from a ladder.
/** @import { Ladder } from "../src/wire.ts" */

/** A slot is sampled every ten seconds by default; after three silences the sampler is said not to answer. */
export const staleAfter = 30_000;

/**
 * When the server was last asked: the newest of its rungs; of a ladder without a server's rung, of all.
 *
 * @param {Ladder} ladder
 * @returns {number | undefined}
 */
export function sampledAt(ladder) {
  const known = ladder.rungs.filter((rung) => rung.lsn !== undefined);
  const asked = known.filter((rung) => rung.side === "server");
  const times = (asked.length > 0 ? asked : known).map((rung) => rung.at);
  return times.length === 0 ? undefined : Math.max(...times);
}

/**
 * How many bytes each rung lies behind the first; `undefined` from the first unknown gap on.
 *
 * @param {Ladder} ladder
 * @returns {(number | undefined)[]}
 */
export function distances(ladder) {
  /** @type {number | undefined} */
  let sum = 0;
  return ladder.rungs.map((_, index) => {
    if (index === 0) return sum;
    const gap = ladder.gaps[index - 1]?.bytes;
    sum = sum === undefined || gap === null || gap === undefined ? undefined : sum + gap;
    return sum;
  });
}

/**
 * Cuts a length into parts as large as the gaps; what is not empty is at least one unit long, so that it can be seen.
 *
 * @param {Ladder} ladder
 * @param {number} length
 * @returns {{ readonly from: number; readonly to: number }[]} one for each gap
 */
export function toScale(ladder, length) {
  const sizes = ladder.rungs.slice(1).map((_, index) => Math.max(0, ladder.gaps[index]?.bytes ?? 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const small = sizes.filter((size) => size > 0 && total > 0 && (size / total) * length < 1).length;
  const rest = length - small;
  const large = sizes.reduce((sum, size) => ((size / total) * length < 1 ? sum : sum + size), 0);
  let at = 0;
  return sizes.map((size) => {
    const from = at;
    if (size > 0) at += (size / total) * length < 1 ? 1 : (size / large) * rest;
    return { from, to: at };
  });
}
