import { type crashed, type From, type Logger, reasonOfThrown, replyError } from "@trunkline/process";
import type { Callbacks, FromOf, RequestOf, ResultOrError } from "../callbacks.ts";
import { DONE } from "../done.ts";
import type { Ack, Instruction, Noreply, Query, Reason, Stream } from "../instruction.ts";
import type { ProcessEvent } from "../machine/events.ts";
import { type Outcome, outcomes } from "../machine/outcomes.ts";
import { Secret } from "../options/secret.ts";
import { exitReasonFor } from "../reason.ts";
import { ReplicationError } from "../replication-error.ts";
import { badReturn, checkInstruction } from "./check-instruction.ts";
import { Fifo } from "./fifo.ts";
import { flattenAcks } from "./flatten-acks.ts";
import type { Item, Origin } from "./item.ts";
import type { MailboxOptions, MailboxPorts } from "./ports.ts";

/**
 * Why messages wait although no callback runs: an attempt to connect is under way (R75), or a query or the start of a
 * stream has no answer yet, which belongs to the event that asked for it (R50).
 */
type Waiting = "nothing" | "attempt" | "result" | "streamStart";

/**
 * One incarnation's mailbox: holds the user's state and what waits for a callback, and runs every callback, one at a
 * time. A synchronous callback runs on the spot; while a promise is pending everything else waits. Nothing of it runs
 * on the machine's stack: what the machine delivers is handled in a later microtask.
 */
export class Mailbox<State, Calls, Info, Arg> {
  readonly #callbacks: Callbacks<State, Calls, Info, Arg>;
  readonly #options: MailboxOptions;
  readonly #ports: MailboxPorts;
  readonly #log: Logger;
  /** Steps of what is under way: they come before any message. */
  readonly #steps = new Fifo<Item>();
  readonly #messages = new Fifo<Item>();
  readonly #calls = new Set<From>();
  #state: State;
  #waiting: Waiting = "attempt";
  #running = false;
  #draining = false;
  #suspended = false;
  #paused = false;
  #streaming = false;
  #held = false;
  #halted = false;
  #start: "connecting" | "settling" | "settled" = "connecting";

  constructor(
    callbacks: Callbacks<State, Calls, Info, Arg>,
    state: State,
    options: MailboxOptions,
    ports: MailboxPorts,
  ) {
    this.#callbacks = callbacks;
    this.#state = state;
    this.#options = options;
    this.#ports = ports;
    this.#log = ports.log;
  }

  /** The user's state as the last callback left it. */
  get state(): State {
    return this.#state;
  }

  /** Messages and steps that wait. */
  get depth(): number {
    return this.#messages.length + this.#steps.length;
  }

  /** Whether a promise of a callback is pending. */
  get busy(): boolean {
    return this.#running;
  }

  /** Whether data is held back, by a busy callback, `pause` or a suspension. */
  get held(): boolean {
    return this.#held;
  }

  /** Puts `change(state)` in the place of the state. Throws what `change` throws. */
  replaceState(change: (state: State) => State): State {
    this.#state = change(this.#state);
    return this.#state;
  }

  /** A message of another process, in arrival order. */
  deliver(message: ProcessEvent): void {
    switch (message.type) {
      case "call":
        this.#messages.put({ type: "call", request: message.request, from: message.from });
        break;
      case "cast":
        this.#messages.put({ type: "info", info: message.request });
        break;
      case "info":
        this.#messages.put({ type: "info", info: message.info });
        break;
      case "otp.exit":
        // R94: without trapExit a linked process takes this one with it, also while a callback is busy.
        if (this.#options.trapExit) this.#messages.put({ type: "info", info: message });
        else if (message.reason.type !== "normal") queueMicrotask(() => this.#end(message.reason));
        break;
      case "otp.down":
        this.#messages.put({ type: "info", info: message });
        break;
      case "otp.stop":
        return;
    }
    queueMicrotask(() => this.#drain());
  }

  /** An attempt to connect begins: messages wait until it is through (R75). */
  attempt(): void {
    this.#waiting = "attempt";
  }

  /** The machine waits before the next attempt: messages are handled (R76). */
  wait(): void {
    if (this.#waiting === "attempt") this.#waiting = "nothing";
    queueMicrotask(() => this.#drain());
  }

  /** The server is ready. */
  connected(): void {
    this.#waiting = "nothing";
    if (this.#start === "connecting") this.#start = "settling";
    this.#step({ type: "connected" });
  }

  /** The answer to a query, or the refusal or failure of a stream. */
  result(result: ResultOrError): void {
    if (this.#waiting !== "attempt") this.#waiting = "nothing";
    this.#streaming = false;
    this.#paused = false;
    this.#step({ type: "result", result });
  }

  streamStarted(): void {
    this.#waiting = "nothing";
    this.#streaming = true;
    this.#step({ type: "streamStarted" });
  }

  /** The stream has ended normally. */
  done(): void {
    this.#streaming = false;
    this.#paused = false;
    this.#step({ type: "done" });
  }

  /**
   * The session is lost. What was sent before is handled before, unless it waits for an answer that will not come.
   * `handled` is called when `handleDisconnect` has run.
   */
  lost(reason: Reason, asked: boolean, handled: () => void): void {
    const answerWillNotCome = this.#waiting === "result" || this.#waiting === "streamStart";
    const item: Item = { type: "lost", reason, handled };
    if (answerWillNotCome) this.#waiting = "nothing";
    if (answerWillNotCome || asked) this.#steps.put(item);
    else this.#messages.put(item);
    queueMicrotask(() => this.#drain());
  }

  /** One payload of the stream, on the spot. Never called while data is held back. */
  data(payload: Uint8Array): void {
    if (this.#halted) return;
    const { handleData } = this.#callbacks;
    if (handleData === undefined) return;
    let returned: unknown;
    try {
      returned = this.#callbacks.handleData?.(payload, this.#state);
    } catch (error) {
      this.#crash(error);
      return;
    }
    if (isPlainNoreply<State>(returned)) this.#state = returned.state;
    else this.#take(returned, dataOrigin);
  }

  /** Holds everything back, until `resume`. */
  suspend(): void {
    this.#suspended = true;
    this.#regulate();
  }

  resume(): void {
    this.#suspended = false;
    queueMicrotask(() => this.#drain());
  }

  /** The process ends: no callback runs any more, and what a pending one returns is dropped. */
  halt(): void {
    this.#halted = true;
  }

  #step(item: Item): void {
    this.#steps.put(item);
    this.#drain();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    // What arrives meanwhile waits for the next turn, so that I/O gets its turn too.
    let budget = this.#messages.length;
    while (!this.#running && !this.#suspended && !this.#halted) {
      let item = this.#steps.take();
      if (item === undefined && this.#waiting === "nothing" && budget > 0) {
        budget -= 1;
        item = this.#messages.take();
      }
      if (item === undefined) break;
      this.#handle(item);
    }
    this.#draining = false;
    this.#settle();
    this.#regulate();
    const more = !this.#running && !this.#suspended && !this.#halted && this.#waiting === "nothing";
    if (more && this.#messages.length > 0) this.#ports.later(() => this.#drain());
  }

  /** R5: `handleConnect` and the chain it began are through. */
  #settle(): void {
    if (this.#start !== "settling" || this.#running || this.#halted) return;
    if (this.#waiting !== "nothing" || this.#steps.length > 0) return;
    this.#start = "settled";
    this.#ports.tell({ type: "mailbox.settled" });
  }

  #regulate(): void {
    const hold = this.#streaming && (this.#running || this.#suspended || this.#paused || this.#halted);
    if (hold === this.#held) return;
    this.#held = hold;
    if (hold) this.#ports.hold();
    else this.#ports.release();
  }

  #handle(item: Item): void {
    const { handleConnect, handleInfo, handleResult, handleStreamStart } = this.#callbacks;
    switch (item.type) {
      case "connected":
        if (handleConnect !== undefined) this.#run("handleConnect", () => this.#callbacks.handleConnect?.(this.#state));
        return;
      case "call":
        this.#handleCall(item.request, item.from);
        return;
      case "info":
        if (handleInfo !== undefined) {
          this.#run("handleInfo", () => this.#callbacks.handleInfo?.(item.info as Info, this.#state));
        }
        return;
      case "result":
        if (handleResult !== undefined) {
          this.#run("handleResult", () => this.#callbacks.handleResult?.(item.result, this.#state));
        } else if (item.result instanceof Error) {
          this.#disconnect(item.result);
        }
        return;
      case "streamStarted":
        if (handleStreamStart !== undefined) {
          this.#run("handleStreamStart", () => this.#callbacks.handleStreamStart?.(this.#state));
        }
        return;
      case "done":
        this.#run("handleData", () => this.#callbacks.handleData?.(DONE, this.#state));
        return;
      case "lost":
        this.#handleLoss(item.reason, item.handled);
        return;
    }
  }

  #handleCall(request: unknown, from: From): void {
    if (this.#callbacks.handleCall === undefined) {
      // R32: the caller is told; the connection lives.
      this.#log.warn({}, "A call came, and the connection has no handleCall");
      replyError(from, new ReplicationError("missing_callback", "The connection has no handleCall."));
      return;
    }
    if (this.#options.failPendingOnDisconnect) this.#calls.add(from);
    const run = (): unknown =>
      this.#callbacks.handleCall?.(request as RequestOf<Calls>, from as FromOf<Calls>, this.#state);
    this.#run("handleCall", run, from);
  }

  #handleLoss(reason: Reason, handled: () => void): void {
    this.#streaming = false;
    this.#paused = false;
    this.#held = false;
    for (const from of this.#calls) replyError(from, reason);
    this.#calls.clear();
    const next = (): void => {
      // R84: no message is handled before the next attempt.
      this.#waiting = "attempt";
      handled();
    };
    if (this.#callbacks.handleDisconnect === undefined) {
      next();
      return;
    }
    this.#await(
      () => this.#callbacks.handleDisconnect?.(reason, this.#state),
      (returned) => {
        // R81
        if (!isNoreply<State>(returned)) throw badReturn(returned, "handleDisconnect");
        this.#state = returned.state;
        if (returned.acks !== undefined) this.#acknowledge(returned.acks);
        next();
      },
    );
  }

  #run(callback: string, run: () => unknown, from?: From): void {
    const origin: Origin = from === undefined ? { callback } : { callback, from };
    this.#await(run, (returned) => this.#carryOut(checkInstruction<State>(returned, callback), origin));
  }

  /** Takes what a callback that has run on the spot returned. */
  #take(returned: unknown, origin: Origin): void {
    this.#await(
      () => returned,
      (value) => this.#carryOut(checkInstruction<State>(value, origin.callback), origin),
    );
    if (!this.#draining) this.#regulate();
  }

  /** Runs a callback; `then` gets what it returned, now or when its promise is fulfilled. A throw ends the process. */
  #await(run: () => unknown, then: (returned: unknown) => void): void {
    try {
      const returned = run();
      if (!isThenable(returned)) {
        then(returned);
        return;
      }
      this.#running = true;
      returned.then(
        (value) => this.#continue(() => then(value)),
        (error) => this.#continue(() => this.#crash(error)),
      );
    } catch (error) {
      this.#crash(error);
    }
  }

  #continue(then: () => void): void {
    if (this.#halted) return;
    this.#running = false;
    try {
      then();
    } catch (error) {
      this.#crash(error);
    }
    this.#drain();
  }

  #carryOut(instruction: Instruction<State>, origin: Origin): void {
    switch (instruction.type) {
      case "noreply":
        this.#state = instruction.state;
        if (instruction.acks !== undefined) this.#acknowledge(instruction.acks);
        return;
      case "pause":
      case "resume":
        this.#state = instruction.state;
        if (instruction.acks !== undefined) this.#acknowledge(instruction.acks);
        this.#paused = instruction.type === "pause";
        return;
      case "query":
      case "stream":
        this.#state = instruction.state;
        this.#begin(instruction, origin);
        return;
      case "stopStream":
        this.#state = instruction.state;
        this.#stopStream(origin);
        return;
      case "disconnect":
        if (instruction.state !== undefined) this.#state = instruction.state;
        this.#disconnect(instruction.reason);
        return;
      case "stop":
        this.#end(exitReasonFor(instruction.reason));
        return;
    }
  }

  #begin(instruction: Query<State> | Stream<State>, origin: Origin): void {
    const needed = instruction.type === "query" ? "handleResult" : "handleData";
    if (this.#callbacks[needed] === undefined) {
      const what = `${origin.callback} returned a ${instruction.type}, and there is no ${needed}.`;
      throw new ReplicationError("missing_callback", what);
    }
    const { options } = instruction;
    const sql = new Secret(instruction.sql);
    const outcome = this.#outcome(`mailbox.${instruction.type}`);
    if (isRefused(outcome)) {
      this.#refuse(outcome.refused, instruction.type, origin);
    } else if (outcome !== "superseded" && outcome !== "ignored") {
      this.#waiting = instruction.type === "query" ? "result" : "streamStart";
      this.#ports.tell(
        instruction.type === "query"
          ? { type: "mailbox.query", sql, options: instruction.options }
          : { type: "mailbox.stream", sql, options },
      );
    }
  }

  #stopStream(origin: Origin): void {
    const outcome = this.#outcome("mailbox.stopStream");
    if (isRefused(outcome)) {
      this.#refuse(outcome.refused, "stopStream", origin);
      return;
    }
    this.#paused = false;
    if (outcome !== "superseded" && outcome !== "ignored") this.#ports.tell({ type: "mailbox.stopStream" });
  }

  /** R61, R76. */
  #refuse(code: "not_connected" | "stream_in_progress" | "no_stream", what: string, origin: Origin): void {
    const error = new ReplicationError(code, `${origin.callback} returned ${what}.`);
    if (code === "not_connected" && what !== "stopStream" && this.#callbacks.handleResult !== undefined) {
      // Later: a module that asks again and again must not keep the event loop from connecting.
      if (this.#waiting === "nothing") this.#waiting = "result";
      this.#ports.later(() => this.result(error));
      return;
    }
    this.#log.warn({ callback: origin.callback, code }, error.message);
    if (origin.from !== undefined) replyError(origin.from, error);
  }

  #disconnect(reason: Reason): void {
    const outcome = this.#outcome("mailbox.disconnect");
    if (outcome !== "superseded" && outcome !== "ignored") this.#ports.tell({ type: "mailbox.disconnect", reason });
  }

  /** R36, R76. */
  #acknowledge(acks: readonly Ack[]): void {
    if (acks.length === 0) return;
    const messages = flattenAcks(acks);
    const state = this.#ports.state();
    if (!state.startsWith("connected.")) {
      this.#log.debug({ count: messages.length }, "Acknowledgements were dropped: there is no connection");
      return;
    }
    if (state !== "connected.streaming" && state !== "connected.stoppingStream") {
      this.#log.warn({ count: messages.length }, "Acknowledgements were returned while no stream runs");
    }
    this.#ports.write(messages);
  }

  #outcome(event: "mailbox.query" | "mailbox.stream" | "mailbox.stopStream" | "mailbox.disconnect"): Outcome {
    return outcomes[this.#ports.state()][event];
  }

  /** R41: no handleDisconnect, no reconnect. */
  #crash(error: unknown): void {
    this.#end(reasonOfThrown(error));
  }

  #end(reason: ReturnType<typeof crashed>): void {
    if (this.#halted) return;
    this.#halted = true;
    this.#regulate();
    this.#ports.tell({ type: "mailbox.stop", reason });
  }
}

const dataOrigin: Origin = { callback: "handleData" };

function isNoreply<State>(value: unknown): value is Noreply<State> {
  return typeof value === "object" && value !== null && "type" in value && value.type === "noreply";
}

/** The hot path: a state, and nothing to send. */
function isPlainNoreply<State>(value: unknown): value is Noreply<State> {
  return isNoreply(value) && value.acks === undefined;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function isRefused(outcome: Outcome): outcome is Extract<Outcome, { readonly refused: string }> {
  return typeof outcome === "object" && "refused" in outcome;
}
