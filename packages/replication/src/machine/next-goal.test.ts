import { expect, test } from "vitest";
import { parseReconnectBackoff } from "../backoff.ts";
import { type ConnectionContext, initialContext } from "./context.ts";
import { afterDisconnectUnconnected, afterFailedAttempt, afterLoss } from "./next-goal.ts";

const context = (changes: Partial<ConnectionContext> = {}): ConnectionContext => ({
  ...initialContext({ autoReconnect: true, backoff: parseReconnectBackoff(500), stableAfterMs: 5000 }),
  ...changes,
});
const reason = new Error("gone");

test("R83: the first loss reconnects at once and counts as no failure", () => {
  expect(afterLoss(context(), reason)).toEqual({
    failures: 0,
    onProbation: true,
    goal: { type: "reconnect", now: true },
  });
});

test("R83: a reconnect that is lost before it has proved good counts as a failure, and waits", () => {
  expect(afterLoss(context({ onProbation: true, failures: 2 }), reason)).toEqual({
    failures: 3,
    onProbation: true,
    goal: { type: "reconnect", now: false },
  });
});

test("R82: without autoReconnect the reason of the loss is the exit reason", () => {
  expect(afterLoss(context({ autoReconnect: false }), reason).goal).toEqual({
    type: "exit",
    reason: { type: "error", error: reason },
  });
});

test.each([
  ["normal", { type: "normal" }],
  ["shutdown", { type: "shutdown" }],
  [{ type: "shutdown", info: "drained" } as const, { type: "shutdown", info: "drained" }],
  ["anything else", { type: "error", error: "anything else" }],
])("R39: a disconnect with %j ends cleanly or not, by that word", (given, expected) => {
  expect(afterLoss(context({ autoReconnect: false }), given).goal).toEqual({ type: "exit", reason: expected });
});

test("the last attempt that maxAttempts allows ends with its error as the cause", () => {
  const last = context({ failures: 2, backoff: parseReconnectBackoff({ type: "fixed", maxAttempts: 3 }) });
  expect(afterFailedAttempt(last, reason).goal).toMatchObject({
    type: "exit",
    reason: { error: { code: "reconnect_attempts_exhausted", cause: reason } },
  });
});

test("R85: a disconnect while nothing is connected connects at once", () => {
  expect(afterDisconnectUnconnected(context({ failures: 4 }), reason)).toMatchObject({
    failures: 4,
    goal: { type: "reconnect", now: true },
  });
});
