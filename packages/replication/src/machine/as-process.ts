import { ExitSignal } from "@trunkline/process";
import type { AnyEventObject } from "xstate";
import type { ConnectionMachine } from "./connection-machine.ts";

const ownEvent = /^(?:xstate|otp|transport|mailbox)\.|^(?:call|cast|info)$/;

/**
 * The machine as the logic of a process. Its output becomes the exit reason: `stopped` with another reason than
 * `normal` is an `error` snapshot that carries an `ExitSignal`. Events of no kind the machine knows are the infos of
 * somebody who used `send`.
 */
export function asProcess(machine: ConnectionMachine): ConnectionMachine {
  const transition: ConnectionMachine["transition"] = (snapshot, event, scope) => {
    const next = machine.transition(snapshot, asOwnEvent(event), scope);
    if (next.status !== "done" || next.output === undefined || next.output.type === "normal") return next;
    return Object.assign(Object.create(Object.getPrototypeOf(next)), next, {
      status: "error",
      output: undefined,
      error: new ExitSignal(next.output),
    });
  };
  return Object.assign(Object.create(machine) as ConnectionMachine, { transition });
}

function asOwnEvent<E extends AnyEventObject>(event: E): E | { readonly type: "info"; readonly info: E } {
  return ownEvent.test(event.type) ? event : { type: "info", info: event };
}
