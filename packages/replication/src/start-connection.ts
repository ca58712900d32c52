import {
  defaultRuntime,
  describeName,
  exited,
  pidOf,
  type Runtime,
  runtimeOf,
  type StartContext,
  sys,
  trapExit,
} from "@trunkline/process";
import { type ActorRefFrom, type AnyActorRef, fromCallback } from "xstate";
import type { Callbacks } from "./callbacks.ts";
import { connectionMetadata } from "./connection-metadata.ts";
import type { ConnectionRef } from "./connection-ref.ts";
import { Incarnation } from "./incarnation.ts";
import { labelled } from "./labelled-logger.ts";
import { asProcess } from "./machine/as-process.ts";
import { type ConnectionMachine, connectionMachine } from "./machine/connection-machine.ts";
import type { MailboxEvent, ProcessEvent, TransportEvent } from "./machine/events.ts";
import { stateOf } from "./machine/states.ts";
import type { TransportCommand } from "./machine/transport-command.ts";
import type { ReplicationConfig } from "./options/parse-replication-options.ts";
import { telemetryOf } from "./telemetry.ts";

/** What is started. */
export interface Blueprint<State, Calls, Info, Arg> {
  readonly callbacks: Callbacks<State, Calls, Info, Arg>;
  readonly arg: Arg;
  readonly config: ReplicationConfig;
  /** What inspection shows it as. */
  readonly id: string;
  /** For a root. */
  readonly runtime: Runtime | undefined;
}

/** One start of a connection, in a process tree: machine, mailbox and transport are made and put together. */
export async function startConnection<State, Calls, Info, Arg>(
  context: StartContext,
  blueprint: Blueprint<State, Calls, Info, Arg>,
): Promise<ConnectionRef<Calls, Info> | "ignore"> {
  const { callbacks, arg, config, id } = blueprint;
  const runtime = context.parent === undefined ? (blueprint.runtime ?? defaultRuntime) : runtimeOf(context.parent);
  let machine: ActorRefFrom<ConnectionMachine> | undefined;
  let tell = (_event: MailboxEvent | TransportEvent): void => {};
  const incarnation = new Incarnation(callbacks, arg, config, {
    state: () => (machine === undefined ? "connecting" : stateOf(machine.getSnapshot().value)),
    tell: (event) => tell(event),
    clock: runtime.clock,
    log: labelled(runtime.logger, () => labelOf(config, machine)),
    telemetry: telemetryOf(() => machine),
  });
  const transport = fromCallback<TransportCommand>(({ sendBack, receive }) => {
    tell = sendBack;
    receive((command) => incarnation.command(command));
    return () => {
      tell = () => {};
      incarnation.dispose();
    };
  });
  const logic = asProcess(
    connectionMachine.provide({
      actors: { transport },
      actions: {
        deliver: ({ event }) => incarnation.deliver(event as ProcessEvent),
        announceAttempt: () => incarnation.attempt(),
        announceWait: () => incarnation.wait(),
      },
    }),
  );
  const { autoReconnect, backoff, stableAfterMs } = config;
  const ref = context.spawn(logic, { id, input: { autoReconnect, backoff, stableAfterMs } });
  machine = ref;
  trapExit(ref);
  sys.provide(ref, {
    getState: () => incarnation.state,
    replaceState: (change) => incarnation.replaceState((state) => change(state) as State),
    depth: () => incarnation.depth,
    suspend: () => incarnation.suspend(),
    resume: () => incarnation.resume(),
    metadata: connectionMetadata(
      ref,
      () => incarnation.vitals,
      () => runtime.clock.now(),
    ),
    ...(callbacks.formatStatus === undefined ? {} : { formatStatus: (value) => callbacks.formatStatus?.(value) }),
  });
  await acknowledged(ref);
  return incarnation.ignored ? "ignore" : (ref as unknown as ConnectionRef<Calls, Info>);
}

/** R111: its name where it has one, else its id. */
function labelOf({ name }: ReplicationConfig, machine: AnyActorRef | undefined): string {
  if (name !== undefined) return describeName(name);
  return machine === undefined ? "starting" : pidOf(machine);
}

/** Resolves when the start is through, or the process has ended: the kernel tells the one from the other. */
function acknowledged(ref: ActorRefFrom<ConnectionMachine>): Promise<void> {
  return new Promise((resolve) => {
    const check = ({ context }: { readonly context: { readonly started: boolean } }): void => {
      if (context.started) resolve();
    };
    check(ref.getSnapshot());
    const subscription = ref.subscribe({ next: check, error: () => {} });
    void exited(ref).then(() => {
      subscription.unsubscribe();
      resolve();
    });
  });
}
