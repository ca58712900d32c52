import { ExitSignal } from "@trunkline/process";
import type { SubscriptionMachine } from "./subscription-machine.ts";

/**
 * The machine as the logic of a process: its output becomes the exit reason. `stopped` with another reason than `normal`
 * is an `error` snapshot that carries an `ExitSignal`.
 */
export function asProcess(machine: SubscriptionMachine): SubscriptionMachine {
  const transition: SubscriptionMachine["transition"] = (snapshot, event, scope) => {
    const next = machine.transition(snapshot, event, scope);
    if (next.status !== "done" || next.output === undefined || next.output.type === "normal") return next;
    return Object.assign(Object.create(Object.getPrototypeOf(next)), next, {
      status: "error",
      output: undefined,
      error: new ExitSignal(next.output),
    });
  };
  return Object.assign(Object.create(machine) as SubscriptionMachine, { transition });
}
