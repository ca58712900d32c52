import { type ExitReason, type From, reasonOfThrown, replyError } from "@trunkline/process";
import type { Callbacks, FromOf, RequestOf, ResultOrError } from "../callbacks.ts";
import { DONE } from "../done.ts";
import type { Ack, Instruction, Query, Reason, Stream } from "../instruction.ts";
import type { MailboxEvent, ProcessEvent } from "../machine/events.ts";
import { isRefusal, type Outcome, outcomes, type Refusal } from "../machine/outcomes.ts";
import { Secret } from "../options/secret.ts";
import { exitReasonFor } from "../reason.ts";
import { ReplicationError } from "../replication-error.ts";
import { badReturn, checkInstruction, isPlainNoreply } from "./check-instruction.ts";
import { flattenAcks } from "./flatten-acks.ts";
import { type Item, itemOf, type Origin } from "./item.ts";
import { OpenCalls } from "./open-calls.ts";
import type { MailboxOptions, MailboxPorts } from "./ports.ts";
import { Turns, type Waiting } from "./turns.ts";

/**
 * One incarnation's mailbox: holds the user's state and what waits for a callback, and runs every callback, one at a
 * time. Nothing of it runs on the machine's stack: what the machine delivers is handled in a later microtask.
 */
export class Mailbox<State, Calls, Info, Arg> {
  readonly #callbacks: Callbacks<State, Calls, Info, Arg>;
  readonly #options: MailboxOptions;
  readonly #ports: MailboxPorts;
  readonly #turns: Turns;
  readonly #calls = new OpenCalls();
  #state: State;
  #paused = false;
  #streaming = false;
  #held = false;
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
    this.#turns = new Turns({
      handle: (item) => this.#handle(item),
      failed: (error) => this.#crash(error),
      rested: () => {
        this.#settle();
        this.#regulate();
      },
      later: (fn) => ports.later(fn),
    });
  }

  /** The user's state as the last callback left it. */
  get state(): State {
    return this.#state;
  }

  /** Messages and steps that wait. */
  get depth(): number {
    return this.#turns.depth;
  }

  /** Whether data is held back: by a busy callback, `pause` or a suspension. */
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
    if (message.type === "otp.exit" && !this.#options.trapExit) {
      // R94: a linked process takes this one with it, also while a callback is busy.
      if (message.reason.type !== "normal") queueMicrotask(() => this.#end(message.reason));
      return;
    }
    const item = itemOf(message);
    if (item === undefined) return;
    this.#turns.message(item);
    this.#turns.schedule();
  }

  /** An attempt to connect begins: messages wait until it is through (R75). */
  attempt(): void {
    this.#turns.waitFor("attempt");
  }

  /** The machine waits before the next attempt: messages are handled (R76). */
  wait(): void {
    if (this.#turns.waiting === "attempt") this.#turns.waitFor("nothing");
    this.#turns.schedule();
  }

  /** The server is ready. */
  connected(): void {
    if (this.#start === "connecting") this.#start = "settling";
    this.#turns.waitFor("nothing");
    this.#step({ type: "connected" });
  }

  /** The answer to a query, or the refusal or failure of a stream. */
  result(result: ResultOrError): void {
    this.#endStream();
    this.#answer({ type: "result", result }, "result", "streamStart");
  }

  streamStarted(): void {
    this.#streaming = true;
    this.#answer({ type: "streamStarted" }, "streamStart");
  }

  /** The stream has ended normally. */
  done(): void {
    this.#endStream();
    this.#step({ type: "done" });
  }

  /**
   * The session is lost. What was sent before is handled before, unless it waits for an answer that will not come.
   * `asked`: a callback gave it up. `handled` is called when `handleDisconnect` has run.
   */
  lost(reason: Reason, asked: boolean, handled: () => void): void {
    const turns = this.#turns;
    const answerWillNotCome = turns.waiting === "result" || turns.waiting === "streamStart";
    const item: Item = { type: "lost", reason, handled };
    if (answerWillNotCome) turns.waitFor("nothing");
    if (answerWillNotCome || asked) turns.step(item);
    else turns.message(item);
    turns.schedule();
  }

  /** One payload of the stream, on the spot. Never called while data is held back. */
  data(payload: Uint8Array): void {
    if (this.#turns.halted) return;
    let returned: unknown;
    try {
      returned = this.#callbacks.handleData?.(payload, this.#state);
    } catch (error) {
      this.#crash(error);
      return;
    }
    if (isPlainNoreply<State>(returned)) this.#state = returned.state;
    else this.#takeData(returned, dataOrigin);
  }

  /** The same for `handleBytes`. Not one with `data`: nothing is to stand between a payload and its callback. */
  bytes(slab: Uint8Array, from: number, to: number): void {
    if (this.#turns.halted) return;
    let returned: unknown;
    try {
      returned = this.#callbacks.handleBytes?.(slab, from, to, this.#state);
    } catch (error) {
      this.#crash(error);
      return;
    }
    if (isPlainNoreply<State>(returned)) this.#state = returned.state;
    else this.#takeData(returned, bytesOrigin);
  }

  /** R97: a batch of payloads is over; what has come meanwhile is handled before the next one. */
  turn(): void {
    if (this.#turns.depth > 0) this.#turns.drain();
  }

  /** Holds everything back, until `resume`. */
  suspend(): void {
    this.#turns.suspend();
    this.#regulate();
  }

  resume(): void {
    this.#turns.resume();
    this.#turns.schedule();
  }

  /** The process ends: no callback runs any more, and what a pending one returns is dropped. */
  halt(): void {
    this.#turns.halt();
  }

  /** The answer to what is waited for, if it is one of `awaited`; else a step like others. */
  #answer(item: Item, ...awaited: readonly Waiting[]): void {
    if (awaited.includes(this.#turns.waiting)) this.#turns.answer(item);
    else this.#turns.step(item);
    this.#turns.drain();
  }

  #step(item: Item): void {
    this.#turns.step(item);
    this.#turns.drain();
  }

  #endStream(): void {
    this.#streaming = false;
    this.#paused = false;
  }

  /** R5: `handleConnect` and the chain it began are through. */
  #settle(): void {
    if (this.#start !== "settling" || !this.#turns.settled) return;
    this.#start = "settled";
    this.#ports.tell({ type: "mailbox.settled" });
  }

  #regulate(): void {
    const hold = this.#streaming && (this.#turns.blocked || this.#turns.resting || this.#paused);
    if (hold === this.#held) return;
    this.#held = hold;
    if (hold) this.#ports.hold();
    else this.#ports.release();
  }

  #handle(item: Item): void {
    const { handleConnect, handleInfo, handleStreamStart } = this.#callbacks;
    switch (item.type) {
      case "connected":
        if (handleConnect === undefined) return;
        this.#run({ callback: "handleConnect" }, () => this.#callbacks.handleConnect?.(this.#state));
        return;
      case "call":
        this.#handleCall(item.request, item.from);
        return;
      case "info":
        if (handleInfo === undefined) return;
        this.#run({ callback: "handleInfo" }, () => this.#callbacks.handleInfo?.(item.info as Info, this.#state));
        return;
      case "result":
        this.#handleResult(item.result);
        return;
      case "streamStarted":
        if (handleStreamStart === undefined) return;
        this.#run({ callback: "handleStreamStart" }, () => this.#callbacks.handleStreamStart?.(this.#state));
        return;
      case "done":
        this.#run(dataOrigin, () => this.#callbacks.handleData?.(DONE, this.#state));
        return;
      case "lost":
        this.#handleLoss(item.reason, item.handled);
        return;
    }
  }

  #handleResult(result: ResultOrError): void {
    if (this.#callbacks.handleResult !== undefined) {
      this.#run({ callback: "handleResult" }, () => this.#callbacks.handleResult?.(result, this.#state));
    } else if (result instanceof Error) {
      // Only a stream comes here: without handleResult its refusal gives up the connection, as in Postgrex.
      this.#disconnect(result);
    }
  }

  #handleCall(request: unknown, from: From): void {
    if (this.#callbacks.handleCall === undefined) {
      // R32: the caller is told; the connection lives.
      this.#ports.log.warn({}, "A call came, and the connection has no handleCall");
      replyError(from, new ReplicationError("missing_callback", "The connection has no handleCall."));
      return;
    }
    if (this.#options.failPendingOnDisconnect) this.#calls.add(from);
    this.#run({ callback: "handleCall", from }, () =>
      this.#callbacks.handleCall?.(request as RequestOf<Calls>, from as FromOf<Calls>, this.#state),
    );
  }

  #handleLoss(reason: Reason, handled: () => void): void {
    if (this.#start === "settling") this.#start = "connecting";
    this.#endStream();
    this.#held = false;
    this.#calls.fail(reason);
    const next = (): void => {
      // R84: no message is handled before the next attempt.
      this.#turns.waitFor("attempt");
      handled();
    };
    if (this.#callbacks.handleDisconnect === undefined) {
      next();
      return;
    }
    this.#turns.run(
      () => this.#callbacks.handleDisconnect?.(reason, this.#state),
      (returned) => {
        // R81
        const instruction = checkInstruction<State>(returned, "handleDisconnect");
        if (instruction.type !== "noreply") throw badReturn(returned, "handleDisconnect");
        this.#state = instruction.state;
        this.#acknowledge(instruction.acks);
        next();
      },
    );
  }

  #run(origin: Origin, callback: () => unknown): void {
    this.#turns.run(callback, (returned) => {
      this.#carryOut(checkInstruction<State>(returned, origin.callback), origin);
    });
  }

  /** What `handleData` or `handleBytes` has returned, when it is not the plainest of answers. */
  #takeData(returned: unknown, origin: Origin): void {
    this.#run(origin, () => returned);
    this.#regulate();
  }

  #carryOut(instruction: Instruction<State>, origin: Origin): void {
    switch (instruction.type) {
      case "noreply":
      case "pause":
      case "resume":
        this.#state = instruction.state;
        this.#acknowledge(instruction.acks);
        if (instruction.type !== "noreply") this.#paused = instruction.type === "pause";
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
    const sql = new Secret(instruction.sql);
    const outcome = this.#outcome(`mailbox.${instruction.type}`);
    if (isRefusal(outcome)) {
      this.#refuse(outcome.refused, origin, instruction.type);
    } else if (outcome !== "superseded" && outcome !== "ignored") {
      this.#turns.waitFor(instruction.type === "query" ? "result" : "streamStart");
      this.#ports.tell(
        instruction.type === "query"
          ? { type: "mailbox.query", sql, options: instruction.options }
          : { type: "mailbox.stream", sql, options: instruction.options },
      );
    }
  }

  #stopStream(origin: Origin): void {
    const outcome = this.#outcome("mailbox.stopStream");
    if (isRefusal(outcome)) {
      this.#refuse(outcome.refused, origin, "stopStream");
      return;
    }
    this.#paused = false;
    if (outcome !== "superseded" && outcome !== "ignored") this.#ports.tell({ type: "mailbox.stopStream" });
  }

  /** R61, R76. */
  #refuse(code: Refusal["refused"], origin: Origin, what: "query" | "stream" | "stopStream"): void {
    const error = new ReplicationError(code, `${origin.callback} returned ${what}.`);
    if (code === "not_connected" && what !== "stopStream" && this.#callbacks.handleResult !== undefined) {
      // Later: a module that asks again and again must not keep the event loop from connecting.
      if (this.#turns.waiting === "nothing") this.#turns.waitFor("refusal");
      this.#ports.later(() => this.#answer({ type: "result", result: error }, "refusal"));
      return;
    }
    this.#ports.log.warn({ callback: origin.callback, code }, error.message);
    if (origin.from !== undefined) replyError(origin.from, error);
  }

  #disconnect(reason: Reason): void {
    if (this.#start === "settling") this.#start = "connecting";
    const outcome = this.#outcome("mailbox.disconnect");
    if (outcome !== "superseded" && outcome !== "ignored") this.#ports.tell({ type: "mailbox.disconnect", reason });
  }

  /** R36, R76. */
  #acknowledge(acks: readonly Ack[] | undefined): void {
    if (acks === undefined || acks.length === 0) return;
    const messages = flattenAcks(acks);
    const state = this.#ports.state();
    if (!state.startsWith("connected.")) {
      this.#ports.log.debug({ count: messages.length }, "Acknowledgements were dropped: there is no connection");
      return;
    }
    if (!this.#streaming) {
      this.#ports.log.warn({ count: messages.length }, "Acknowledgements were returned while no stream runs");
    }
    this.#ports.write(messages);
  }

  #outcome(event: MailboxEvent["type"]): Outcome {
    return outcomes[this.#ports.state()][event];
  }

  /** R41: no handleDisconnect, no reconnect. */
  #crash(error: unknown): void {
    this.#end(reasonOfThrown(error));
  }

  #end(reason: ExitReason): void {
    if (this.#turns.halted) return;
    this.#turns.halt();
    this.#regulate();
    this.#ports.tell({ type: "mailbox.stop", reason });
  }
}

const dataOrigin: Origin = { callback: "handleData" };
const bytesOrigin: Origin = { callback: "handleBytes" };
