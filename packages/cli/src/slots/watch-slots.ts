import { setTimeout as wait } from "node:timers/promises";
import type { SlotLook, SlotState } from "./slot-state.ts";
import { slotState } from "./slot-state.ts";

/** Looks that are older than this say nothing of the rate. */
const windowMs = 300_000;

/** What is watched. */
export interface Watching {
  /** Looks at all slots. */
  readonly look: () => Promise<readonly SlotLook[]>;
  readonly show: (states: readonly SlotState[]) => Promise<void>;
  readonly everyMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told before each wait. */
  readonly waiting?: () => void;
}

/**
 * Shows all slots once. Where one has a limit, two looks are taken, so that it can be said how long its budget lasts.
 */
export async function showOnce({ look, show, everyMs, signal, waiting }: Watching): Promise<void> {
  const first = await look();
  if (!first.some(({ health }) => health.safeWalBytes !== null)) return show(first.map((one) => slotState([one])));
  waiting?.();
  await pause(everyMs, signal);
  return show(statesOf([first, await look()]));
}

/** Shows all slots again and again until it is ended. */
export async function watch({ look, show, everyMs, signal, waiting }: Watching): Promise<void> {
  let looks: readonly (readonly SlotLook[])[] = [];
  while (!signal.aborted) {
    looks = recent([...looks, await look()]);
    await show(statesOf(looks));
    waiting?.();
    await pause(everyMs, signal);
  }
}

function recent(looks: readonly (readonly SlotLook[])[]): readonly (readonly SlotLook[])[] {
  const lastMs = looks.at(-1)?.[0]?.health.atMs ?? 0;
  return looks.filter((look) => lastMs - (look[0]?.health.atMs ?? lastMs) <= windowMs);
}

/** Each slot of the last look, with what earlier ones saw of it. */
function statesOf(looks: readonly (readonly SlotLook[])[]): readonly SlotState[] {
  return (looks.at(-1) ?? []).map((last) => {
    const earlier = looks.slice(0, -1).flatMap((look) => look.find(({ row }) => row.name === last.row.name) ?? []);
    const [first = last, ...rest] = [...earlier, last];
    return slotState([first, ...rest]);
  });
}

/** Waits, or less when it is ended. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch(() => {
    if (!signal.aborted) throw new Error("Unreachable: only its signal ends a wait early");
  });
