import { type Clock, type Logger, normal, reasonOfThrown } from "@trunkline/process";
import type { Callbacks, ResultOrError } from "./callbacks.ts";
import type { Reason, Stop } from "./instruction.ts";
import type { MailboxEvent, ProcessEvent, TransportEvent } from "./machine/events.ts";
import type { ConnectionState } from "./machine/states.ts";
import type { TransportCommand } from "./machine/transport-command.ts";
import { checkInit } from "./mailbox/check-instruction.ts";
import { Mailbox } from "./mailbox/mailbox.ts";
import type { ReplicationConfig } from "./options/parse-replication-options.ts";
import { exitReasonFor } from "./reason.ts";
import type { Telemetry } from "./telemetry.ts";
import type { StreamVitals } from "./transport/stream-vitals.ts";
import { Transport, type TransportUser } from "./transport/transport.ts";

/** What an incarnation reaches its machine and its surroundings by. */
export interface IncarnationPorts {
  /** Where the machine stands. */
  state(): ConnectionState;
  tell(event: MailboxEvent | TransportEvent): void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly telemetry: Telemetry;
}

/**
 * What one incarnation of a connection consists of beside its machine: a mailbox, made when `init` has given the first
 * state, and a transport. It passes on between the three and holds what comes before there is a mailbox.
 */
export class Incarnation<State, Calls, Info, Arg> implements TransportUser {
  readonly #callbacks: Callbacks<State, Calls, Info, Arg>;
  readonly #arg: Arg;
  readonly #config: ReplicationConfig;
  readonly #ports: IncarnationPorts;
  readonly #transport: Transport;
  readonly #early: ProcessEvent[] = [];
  #mailbox: Mailbox<State, Calls, Info, Arg> | undefined;
  #suspended = false;
  #halted = false;
  #ignored = false;

  constructor(
    callbacks: Callbacks<State, Calls, Info, Arg>,
    arg: Arg,
    config: ReplicationConfig,
    ports: IncarnationPorts,
  ) {
    this.#callbacks = callbacks;
    this.#arg = arg;
    this.#config = config;
    this.#ports = ports;
    const { clock, log, telemetry, tell } = ports;
    this.#transport = new Transport(this, { config, clock, log, telemetry, tell });
  }

  /** Whether `init` returned `ignore()`. */
  get ignored(): boolean {
    return this.#ignored;
  }

  /** The user's state; `undefined` before `init` has returned. */
  get state(): State | undefined {
    return this.#mailbox?.state;
  }

  /** Messages that wait. */
  get depth(): number {
    return this.#mailbox?.depth ?? this.#early.length;
  }

  /** How its streams do. */
  get vitals(): StreamVitals {
    return this.#transport.vitals;
  }

  replaceState(change: (state: State) => State): State | undefined {
    return this.#mailbox?.replaceState(change);
  }

  /** Carries out a command of the machine. */
  command(command: TransportCommand): void {
    this.#transport.receive(command);
  }

  /** A message of another process. */
  deliver(message: ProcessEvent): void {
    if (this.#mailbox === undefined) this.#early.push(message);
    else this.#mailbox.deliver(message);
  }

  attempt(): void {
    this.#mailbox?.attempt();
  }

  wait(): void {
    this.#mailbox?.wait();
  }

  suspend(): void {
    this.#suspended = true;
    this.#mailbox?.suspend();
  }

  resume(): void {
    this.#suspended = false;
    this.#mailbox?.resume();
  }

  dispose(): void {
    this.#transport.dispose();
  }

  /** R2: runs `init`, once. */
  async begin(): Promise<boolean> {
    try {
      const first = await this.#callbacks.init(this.#arg);
      if (this.#halted) return false;
      switch (checkInit(first)) {
        case "state":
          this.#open(first as State);
          return true;
        case "ignore":
          this.#ignored = true;
          this.#ports.tell({ type: "mailbox.stop", reason: normal });
          return false;
        case "stop":
          this.#ports.tell({ type: "mailbox.stop", reason: exitReasonFor((first as Stop).reason) });
          return false;
      }
    } catch (error) {
      if (!this.#halted) this.#ports.tell({ type: "mailbox.stop", reason: reasonOfThrown(error) });
      return false;
    }
  }

  connected(): void {
    this.#mailbox?.connected();
  }

  result(result: ResultOrError): void {
    this.#mailbox?.result(result);
  }

  streamStarted(): void {
    this.#mailbox?.streamStarted();
  }

  data(payload: Uint8Array): void {
    this.#mailbox?.data(payload);
  }

  get bytes(): TransportUser["bytes"] {
    if (this.#callbacks.handleBytes === undefined) return undefined;
    return (slab, from, to) => this.#mailbox?.bytes(slab, from, to);
  }

  turn(): void {
    this.#mailbox?.turn();
  }

  done(): void {
    this.#mailbox?.done();
  }

  lost(reason: Reason, asked: boolean, handled: () => void): void {
    if (this.#mailbox === undefined) handled();
    else this.#mailbox.lost(reason, asked, handled);
  }

  halt(): void {
    this.#halted = true;
    this.#mailbox?.halt();
  }

  #open(state: State): void {
    const { trapExit, failPendingOnDisconnect, syncConnect } = this.#config;
    const transport = this.#transport;
    const { state: machineState, tell, clock, log } = this.#ports;
    const mailbox = new Mailbox(
      this.#callbacks,
      state,
      { trapExit, failPendingOnDisconnect },
      {
        state: machineState,
        tell,
        write: (messages) => transport.write(messages),
        hold: () => transport.hold(),
        release: () => transport.release(),
        later: (fn) => void clock.yieldToLoop(fn),
        log,
      },
    );
    this.#mailbox = mailbox;
    if (this.#suspended) mailbox.suspend();
    for (const message of this.#early.splice(0)) mailbox.deliver(message);
    // R6: an asynchronous start is through when init is.
    if (!syncConnect) tell({ type: "mailbox.settled" });
  }
}
