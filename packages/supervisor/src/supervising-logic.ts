import {
  type CallEvent,
  type ExitReason,
  ExitSignal,
  type From,
  isRunning,
  type KernelEvent,
  type ProcessMetadata,
  replyError,
  runtimeOf,
  scopeOf,
  sys,
  trapExit,
} from "@trunkline/process";
import type { ActorLogic, ActorSystem, AnyActorRef, AnyEventObject, Snapshot } from "xstate";
import { SupervisorError, shown } from "./error.ts";
import { type Decisions, Home } from "./home.ts";
import { Inbox } from "./inbox.ts";

/** Where a supervisor stands. It serves requests only while it is `running`. */
export type SupervisorState = "starting" | "running" | "stopping";

/** What XState shows of a supervisor. `children`: those that run now, by actor id. */
export type SupervisorSnapshot = Snapshot<undefined> & {
  readonly value: SupervisorState;
  /** `gaveUp`: it ends because it had to restart more often than it allows itself. */
  readonly context: { readonly gaveUp: boolean };
  readonly children: Readonly<Record<string, AnyActorRef>>;
};

/** The work of one kind of supervisor. Its methods run one at a time, each to its end. */
export interface Supervising<Request> {
  /** Starts what there is to start, then decides `running` or `end`. */
  begin(): Promise<void>;
  /** A linked process has ended. */
  exited(ref: AnyActorRef, reason: ExitReason): Promise<void> | undefined;
  /** Whether this is a request that it serves. */
  serves(request: unknown): request is Request;
  /** Serves one request and replies, with a refusal too. */
  answer(request: Request, from: From): Promise<void> | undefined;
  /** Stops all children, then decides `end`. */
  end(reason: ExitReason): Promise<void>;
  /** The processes that run now. */
  running(): Iterable<AnyActorRef>;
  /** What it tells of itself to people who look. */
  metadata(): ProcessMetadata;
  /** It has ended: lets go of all specs and refs, however long somebody keeps the ref of the supervisor. */
  forget(): void;
}

type Message<Request> =
  | { readonly type: "begin" }
  | { readonly type: "exited"; readonly ref: AnyActorRef; readonly reason: ExitReason }
  | { readonly type: "request"; readonly request: Request; readonly from: From }
  | { readonly type: "end"; readonly reason: ExitReason }
  | { readonly type: "work"; readonly work: () => Promise<void> };

/** What a supervisor tells its own actor, so that its snapshot shows it. */
type Decision =
  | { readonly type: "trunkline.supervisor.running" }
  | { readonly type: "trunkline.supervisor.stopping"; readonly gaveUp: boolean }
  | { readonly type: "trunkline.supervisor.ended"; readonly reason: ExitReason };

/** What a supervisor can be sent. Use the functions of its module instead. */
export type SupervisorEvent = CallEvent | KernelEvent | Decision | AnyEventObject;

/** The logic of a supervisor: an actor whose children are actors of its own tree. */
export type SupervisorLogic<Input> = ActorLogic<SupervisorSnapshot, SupervisorEvent, Input, ActorSystem<never>>;

/**
 * Makes the logic of one kind of supervisor. Its transition is total: it notes what has arrived and never throws, so no
 * child, caller or stranger can end it by an event.
 */
export function supervisingLogic<Input, Request>(
  make: (home: Home, input: Input) => Supervising<Request>,
): SupervisorLogic<Input> {
  const incarnations = new WeakMap<AnyActorRef, Incarnation<Request>>();
  return {
    getInitialSnapshot({ self }, input) {
      const incarnation = new Incarnation(self, (home) => make(home, input));
      incarnations.set(self, incarnation);
      return incarnation.snapshot();
    },
    start(_snapshot, { self }) {
      incarnations.get(self)?.begin();
    },
    transition(snapshot, event, { self }) {
      return incarnations.get(self)?.receive(snapshot, event) ?? snapshot;
    },
    // Processes are not persisted: a supervisor starts from its specs.
    getPersistedSnapshot: (snapshot) => ({ ...snapshot, children: {} }),
  };
}

class Incarnation<Request> {
  readonly #self: AnyActorRef;
  readonly #inbox: Inbox<Message<Request>>;
  readonly #work: Supervising<Request>;
  #askedToStop = false;

  constructor(self: AnyActorRef, make: (home: Home) => Supervising<Request>) {
    this.#self = self;
    this.#inbox = new Inbox(
      (message) => this.#handle(message),
      (error) => this.#decided({ type: "trunkline.supervisor.ended", reason: { type: "error", error } }),
    );
    this.#work = make(new Home(self, this.#decisions()));
  }

  snapshot(): SupervisorSnapshot {
    const work = this.#work;
    return {
      status: "active",
      output: undefined,
      error: undefined,
      value: "starting",
      context: { gaveUp: false },
      get children() {
        return byActorId(work.running());
      },
    };
  }

  begin(): void {
    trapExit(this.#self);
    scopeOf(this.#self).defer(() => {
      this.#inbox.close();
      this.#work.forget();
    });
    sys.provide(this.#self, {
      depth: () => this.#inbox.depth,
      suspend: () => this.#inbox.suspend(),
      resume: () => this.#inbox.resume(),
      metadata: () => this.#work.metadata(),
    });
    this.#inbox.push({ type: "begin" });
  }

  receive(snapshot: SupervisorSnapshot, event: SupervisorEvent): SupervisorSnapshot {
    switch (event.type) {
      case "call":
        this.#receiveCall(event as CallEvent);
        return snapshot;
      case "otp.exit": {
        const { from, reason } = event as Extract<KernelEvent, { type: "otp.exit" }>;
        // A signal that a running child has sent by itself is not its end.
        if (from !== undefined && !isRunning(from)) this.#inbox.push({ type: "exited", ref: from, reason });
        return snapshot;
      }
      case "otp.stop":
        this.#inbox.pushLast({ type: "end", reason: (event as Extract<KernelEvent, { type: "otp.stop" }>).reason });
        return snapshot;
      case "xstate.stop":
        this.#inbox.close();
        return withStatus(snapshot, { status: "stopped", output: undefined, error: undefined });
      case "trunkline.supervisor.running":
        return withStatus(snapshot, { value: "running" });
      case "trunkline.supervisor.stopping":
        return withStatus(snapshot, { value: "stopping", context: { gaveUp: event.gaveUp === true } });
      case "trunkline.supervisor.ended":
        return this.#endedSnapshot(
          snapshot,
          (event as Extract<Decision, { type: "trunkline.supervisor.ended" }>).reason,
        );
      default:
        if (!event.type.startsWith("xstate.")) this.#logUnknown(event);
        return snapshot;
    }
  }

  #receiveCall({ request, from }: CallEvent): void {
    if (this.#work.serves(request)) this.#inbox.push({ type: "request", request, from });
    else
      replyError(
        from,
        new SupervisorError("undef", `A supervisor was called with ${shown(request)}.`, { value: request }),
      );
  }

  #handle(message: Message<Request>): Promise<void> | undefined {
    switch (message.type) {
      case "begin":
        return this.#work.begin();
      case "exited":
        return this.#work.exited(message.ref, message.reason);
      case "request":
        return this.#work.answer(message.request, message.from);
      case "end":
        this.#askedToStop = true;
        return this.#work.end(message.reason);
      case "work":
        return message.work();
    }
  }

  #decisions(): Decisions {
    return {
      running: () => this.#decided({ type: "trunkline.supervisor.running" }),
      stopping: (gaveUp) => this.#decided({ type: "trunkline.supervisor.stopping", gaveUp }),
      end: (reason) => {
        this.#inbox.close();
        this.#decided({ type: "trunkline.supervisor.ended", reason });
      },
      later: (work) => {
        runtimeOf(this.#self).clock.yieldToLoop(() => this.#inbox.push({ type: "work", work }));
      },
    };
  }

  #decided(decision: Decision): void {
    this.#self.send(decision);
  }

  /** Asked to stop, it is done, and the kernel knows the reason it was asked for. Else it ends by a reason of its own. */
  #endedSnapshot(snapshot: SupervisorSnapshot, reason: ExitReason): SupervisorSnapshot {
    return this.#askedToStop
      ? withStatus(snapshot, { status: "done", output: undefined, error: undefined })
      : withStatus(snapshot, { status: "error", output: undefined, error: new ExitSignal(reason) });
  }

  #logUnknown(event: AnyEventObject): void {
    runtimeOf(this.#self).logger.error({ event: event.type }, `Supervisor ${this.#self.id} got an unknown message`);
  }
}

/** Ids of dynamic children may repeat; a second one is known by its session id. */
function byActorId(refs: Iterable<AnyActorRef>): Record<string, AnyActorRef> {
  const children: Record<string, AnyActorRef> = {};
  for (const ref of refs) children[ref.id in children ? ref.sessionId : ref.id] = ref;
  return children;
}

/** A copy with some properties replaced; `children` stays the getter it is. */
function withStatus(snapshot: SupervisorSnapshot, change: Partial<SupervisorSnapshot>): SupervisorSnapshot {
  const copy: SupervisorSnapshot = Object.create(Object.prototype, Object.getOwnPropertyDescriptors(snapshot));
  return Object.assign(copy, change);
}
