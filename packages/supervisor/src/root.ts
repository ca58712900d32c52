import { type ExitReason, exited, isClean, kill, makeRuntime, type Runtime, realClock, stop } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { SupervisorError, shown } from "./error.ts";

/** What the root of a program may do to its Node process. All off by default; for roots only. */
export interface RootOptions {
  /**
   * SIGTERM and SIGINT stop the tree with `shutdown` and then end Node: with its exit code when the tree has stopped,
   * with 1 when it has not after `limitMs` (default 30 000). A second signal changes nothing. Default `false`.
   */
  readonly signals?: boolean | { readonly limitMs: number };
  /** Node's exit code when the supervisor gives up or ends abnormally. Default: not set. */
  readonly exitCodeOnGiveUp?: number;
  /** `true`: neither the tree nor its timers keep Node alive. Default `false`: Node runs while the tree does. */
  readonly unref?: boolean;
}

export const rootOptions = ["signals", "exitCodeOnGiveUp", "unref"] as const;

/** The part of Node that a root touches. */
export interface Host {
  onSignal(signal: "SIGTERM" | "SIGINT", listener: () => void): () => void;
  exit(code?: number): void;
  setExitCode(code: number): void;
  /** Keeps Node running until the returned function is called. */
  keepAlive(): () => void;
}

const node: Host = {
  onSignal(signal, listener) {
    process.on(signal, listener);
    return () => process.off(signal, listener);
  },
  exit: (code) => process.exit(code),
  setExitCode(code) {
    process.exitCode = code;
  },
  keepAlive() {
    const timer = setInterval(() => {}, 2 ** 31 - 1);
    return () => clearInterval(timer);
  },
};

/** The runtime of a root: the one given, else a real one, whose timers `unref` decides about. */
export function rootRuntime(options: RootOptions & { readonly runtime?: Runtime }): Runtime | undefined {
  const isOurs = options.runtime === undefined && options.unref === true;
  return isOurs ? makeRuntime({ clock: realClock({ unref: true }) }) : options.runtime;
}

/** @throws SupervisorError `badarg`: an option of the wrong shape, or one for roots given to a supervisor with a parent. */
export function checkRootOptions(options: RootOptions & { readonly parent?: unknown }): void {
  const { signals, exitCodeOnGiveUp, unref } = options;
  if (options.parent !== undefined && (signals || exitCodeOnGiveUp !== undefined || unref)) {
    throw badarg("signals, exitCodeOnGiveUp and unref are for roots, and this supervisor has a parent.", options);
  }
  if (signals !== undefined && typeof signals !== "boolean" && !isLimit(signals)) {
    throw badarg(`signals is ${shown(signals)}: use true, false or { limitMs }.`, signals);
  }
  if (exitCodeOnGiveUp !== undefined && !Number.isSafeInteger(exitCodeOnGiveUp)) {
    throw badarg(`exitCodeOnGiveUp is ${shown(exitCodeOnGiveUp)}: use a whole number.`, exitCodeOnGiveUp);
  }
  if (unref !== undefined && typeof unref !== "boolean")
    throw badarg(`unref is ${shown(unref)}: use true or false.`, unref);
}

function isLimit(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("limitMs" in value)) return false;
  return typeof value.limitMs === "number" && value.limitMs > 0;
}

/** Ties the Node process to a root until that has ended. */
export function attachRoot(root: AnyActorRef, runtime: Runtime, options: RootOptions, host: Host = node): void {
  const release: (() => void)[] = [];
  if (options.unref !== true) release.push(host.keepAlive());
  if (options.signals !== undefined && options.signals !== false) {
    const limitMs = options.signals === true ? 30_000 : options.signals.limitMs;
    release.push(...stopOnSignals(root, runtime, limitMs, host));
  }
  void exited(root).then((reason) => {
    for (const undo of release) undo();
    if (options.exitCodeOnGiveUp !== undefined && isFailure(root, reason)) host.setExitCode(options.exitCodeOnGiveUp);
  });
}

function stopOnSignals(root: AnyActorRef, runtime: Runtime, limitMs: number, host: Host): (() => void)[] {
  let asked = false;
  const onSignal = () => {
    if (asked) return;
    asked = true;
    const limit = runtime.clock.setTimeout(() => {
      host.exit(1);
      kill(root);
    }, limitMs);
    const over = () => {
      runtime.clock.clearTimeout(limit);
      host.exit();
    };
    stop(root, "shutdown").then(over, over);
  };
  return [host.onSignal("SIGTERM", onSignal), host.onSignal("SIGINT", onSignal)];
}

function isFailure(root: AnyActorRef, reason: ExitReason): boolean {
  const snapshot: { readonly context?: { readonly gaveUp?: unknown } } = root.getSnapshot();
  return !isClean(reason) || snapshot.context?.gaveUp === true;
}

const badarg = (what: string, value: unknown) =>
  new SupervisorError("badarg", what, { where: "supervisor_data", value });
