import type { Plan } from "./fault-proxy.ts";
import type { CutMode, Flow } from "./flow.ts";

/** How wild a soak is. */
export interface SeededFaultsOptions {
  /** The same seed gives the nth connection the same faults. */
  readonly seed: number;
  /** A cut comes after at most so many bytes from the server; default 65,536. */
  readonly cutWithinBytes?: number;
  /** Of 1: how many connections are left uncut, so that a soak gets on; default 0.25. */
  readonly spared?: number;
  /** A stall is over after at most so many milliseconds; default 20. */
  readonly stallMs?: number;
}

/** A plan for a soak: each connection is split, stalled and cut at places that only the seed decides. */
export function seededFaults(options: SeededFaultsOptions): Plan {
  const { seed, cutWithinBytes = 65_536, spared = 0.25, stallMs = 20 } = options;
  return (connection) => {
    const random = randomNumbers(seed * 1_000_003 + connection.number);
    const below = (limit: number) => Math.floor(random() * limit);
    const lengths = () => Array.from({ length: 1 + below(5) }, () => 1 + below(2000));
    for (const flow of [connection.toClient, connection.toServer]) {
      if (random() < 0.5) flow.split(lengths());
      if (random() < 0.5) stallOnce(flow, below(cutWithinBytes), below(stallMs));
    }
    const mode: CutMode = random() < 0.5 ? "fin" : "rst";
    const bytes = below(cutWithinBytes);
    if (random() >= spared) connection.toClient.at({ bytes }, mode);
  };
}

function stallOnce(flow: Flow, bytes: number, milliseconds: number): void {
  flow.at({ bytes }, () => {
    flow.stall();
    setTimeout(() => flow.resume(), milliseconds);
  });
}

/** Numbers from 0 up to 1 that only the seed decides (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
