import { type ExitReason, exited, type Logger, makeRuntime, type Runtime, silentLogger } from "@trunkline/process";
import { decodePrimaryKeepalive, encodeStandbyStatusUpdate, lsn, PRIMARY_KEEPALIVE } from "@trunkline/protocol";
import { Supervisor } from "@trunkline/supervisor";
import {
  type Callbacks,
  type ConnectionRef,
  call,
  DONE,
  disconnect,
  type From,
  noreply,
  query,
  ReplicationConnection,
  type ReplicationOptions,
  type ResultOrError,
  reply,
  stream,
} from "../../src/index.ts";
import { Inbox } from "./inbox.ts";

/** What a query of the probe gives to its caller: results, an error, or word that the connection was made anew. */
export type Answer = ResultOrError | "reconnecting";

/** The probe's requests. */
export interface ProbeCalls {
  readonly ping: { readonly reply: "pong" };
  readonly query: { readonly args: { readonly sql: string; readonly timeoutMs?: number }; readonly reply: Answer };
  readonly disconnect: { readonly args: { readonly reason: string }; readonly reply: never };
}

/** The probe's infos. */
export type ProbeInfo = "ping" | { readonly stream: string } | { readonly query: string } | { readonly reason: string };

/** The probe's state: the test's inbox, and who waits for a query's answer. */
export interface ProbeState {
  readonly inbox: Inbox;
  readonly from?: From<Answer> | undefined;
}

/** The callbacks of a probe, or some of them. */
export type ProbeCallbacks = Callbacks<ProbeState, ProbeCalls, ProbeInfo, Inbox>;

/** How a probe differs from the fixture. */
export interface ProbeOptions extends ReplicationOptions {
  readonly callbacks?: Partial<ProbeCallbacks>;
  readonly runtime?: Partial<Runtime>;
  readonly logger?: Logger;
  /** The child's shutdown budget in milliseconds. Default 5000. */
  readonly shutdown?: number;
}

/** A probe under a supervisor of its own. `await using` stops both. */
export interface Probe extends AsyncDisposable {
  readonly ref: ConnectionRef<ProbeCalls, ProbeInfo>;
  readonly inbox: Inbox;
  /** What the connection ends with, once it ends. */
  readonly ended: Promise<ExitReason>;
  /** `query(sql)`, as a caller asks for it. */
  query(sql: string, options?: { readonly timeoutMs?: number; readonly waitMs?: number }): Promise<Answer>;
  info(info: ProbeInfo): void;
  /** `Supervisor.terminateChild`: what the connection ended with. */
  terminate(): Promise<ExitReason>;
}

/** The fixture module of the suite, with what a case puts in the place of its callbacks. */
export function probeKind(callbacks: Partial<ProbeCallbacks> = {}, shutdown = 5000) {
  return ReplicationConnection.define<ProbeState, ProbeCalls, ProbeInfo, Inbox>(
    { ...probeCallbacks, ...callbacks },
    { id: "probe", restart: "temporary", shutdown },
  );
}

/** Starts the probe of a case, supervised. Rejects when the start fails. */
export async function startProbe(options: ProbeOptions): Promise<Probe> {
  const { callbacks, shutdown, runtime: parts, logger = silentLogger, ...connection } = options;
  const inbox = new Inbox();
  const spec = probeKind(callbacks, shutdown).childSpec(inbox, { statusUpdates: false, ...connection });
  const runtime = makeRuntime({ logger, ...parts });
  const supervisor = await Supervisor.startLink([], { strategy: "one_for_one", runtime });
  try {
    await Supervisor.startChild(supervisor, spec);
  } catch (error) {
    await Supervisor.stop(supervisor, "shutdown");
    throw error;
  }
  const [child] = await Supervisor.whichChildren(supervisor);
  const ref = child?.ref as ConnectionRef<ProbeCalls, ProbeInfo>;
  const ended = exited(ref);
  return {
    ref,
    inbox,
    ended,
    query: (sql, { timeoutMs, waitMs = 5000 } = {}) =>
      call(ref, { type: "query", sql, ...(timeoutMs === undefined ? {} : { timeoutMs }) }, { timeoutMs: waitMs }),
    info: (info) => ref.send({ type: "info", info }),
    terminate: async () => {
      await Supervisor.terminateChild(supervisor, "probe");
      return ended;
    },
    [Symbol.asyncDispose]: () => Supervisor.stop(supervisor, "shutdown"),
  };
}

/** What a caller saw of a call that did not answer: the error's code, and what the process ended with. */
export async function refusal(asked: Promise<unknown>): Promise<{ readonly code: unknown; readonly reason: unknown }> {
  try {
    return { code: "answered", reason: await asked };
  } catch (error) {
    const { code, reason } = error as { readonly code?: unknown; readonly reason?: unknown };
    return { code, reason };
  }
}

const probeCallbacks: ProbeCallbacks = {
  init: (inbox) => ({ inbox }),

  handleConnect: (state) => {
    const { inbox, from } = state;
    if (from !== undefined) reply(from, "reconnecting");
    inbox.post({ type: "connect", n: inbox.count() });
    return noreply({ inbox });
  },

  handleDisconnect: (reason, state) => {
    state.inbox.post({ type: "disconnect", n: state.inbox.count(), reason });
    return noreply(state);
  },

  handleStreamStart: (state) => {
    state.inbox.post({ type: "streamStart" });
    return noreply(state);
  },

  handleData: (data, state) => {
    const { inbox } = state;
    if (data === DONE) {
      inbox.post({ type: "done", n: inbox.count() });
      return noreply(state);
    }
    const payload = Buffer.from(data);
    if (payload[0] !== PRIMARY_KEEPALIVE || payload.length !== 18) {
      inbox.post({ type: "data", payload, n: inbox.count() });
      return noreply(state, []);
    }
    inbox.post({ type: "keepalive", payload });
    return noreply(state, [statusUpdate(decodePrimaryKeepalive(payload).walEnd + 1n)]);
  },

  handleInfo: (info, state) => {
    if (info === "ping") {
      state.inbox.note("pong");
      return noreply(state);
    }
    if ("stream" in info) return stream(info.stream, state);
    if ("query" in info) return query(info.query, state);
    return disconnect(info.reason, state);
  },

  handleCall: (request, from, state) => {
    switch (request.type) {
      case "ping":
        reply(from as From<"pong">, "pong");
        return noreply(state);
      case "query":
        return query(request.sql, { ...state, from: from as From<Answer> }, limits(request.timeoutMs));
      case "disconnect":
        return disconnect(request.reason, state);
    }
  },

  handleResult: (answer, state) => {
    const { inbox, from } = state;
    if (from === undefined) inbox.post({ type: "result", answer });
    else reply(from, answer);
    return noreply({ inbox });
  },
};

const limits = (timeoutMs: number | undefined) => (timeoutMs === undefined ? {} : { timeoutMs });

/** All three positions at once, no reply asked for. */
export function statusUpdate(position: bigint): Uint8Array {
  const at = lsn(position);
  return encodeStandbyStatusUpdate({ written: at, flushed: at, applied: at, clock: 0n, replyRequested: false });
}
