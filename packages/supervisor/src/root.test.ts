import { exitReason, isRunning, kill } from "@trunkline/process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Bench } from "../test/bench.ts";
import { attachRoot, checkRootOptions, type Host, type RootOptions } from "./root.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

/** A Node process that only writes down what is done to it. */
class FakeHost implements Host {
  readonly done: string[] = [];
  readonly listeners = new Map<string, () => void>();
  alive = false;

  onSignal(signal: "SIGTERM" | "SIGINT", listener: () => void): () => void {
    this.listeners.set(signal, listener);
    return () => this.listeners.delete(signal);
  }
  exit(code?: number): void {
    this.done.push(`exit ${code ?? "with its own code"}`);
  }
  setExitCode(code: number): void {
    this.done.push(`code ${code}`);
  }
  keepAlive(): () => void {
    this.alive = true;
    return () => {
      this.alive = false;
    };
  }
}

async function attached(options: RootOptions, onStop: "obey" | "refuse" | number = "obey", maxRestarts = 0) {
  const root = await bench.supervisor([bench.worker("a", { onStop, shutdown: "infinity" })], { maxRestarts });
  const host = new FakeHost();
  attachRoot(root, bench.runtime, options, host);
  return { root, host };
}

describe("the root of a program", () => {
  test.each(["SIGTERM", "SIGINT"])("S173: %s stops the tree with shutdown, then ends Node", async (signal) => {
    const { root, host } = await attached({ signals: true }, 100);
    host.listeners.get(signal)?.();
    host.listeners.get(signal)?.();
    await bench.time.advance(99);
    expect(host.done).toEqual([]);
    await bench.time.advance(1);
    expect(exitReason(root)).toEqual({ type: "shutdown" });
    expect(host.done).toEqual(["exit with its own code"]);
    expect(host.listeners.size).toBe(0);
    expect(bench.time.pending).toBe(0);
  });

  test("S173: a tree that does not stop within the limit is killed, and Node ends with 1", async () => {
    const { root, host } = await attached({ signals: { limitMs: 200 } }, "refuse");
    host.listeners.get("SIGTERM")?.();
    await bench.time.advance(200);
    expect(exitReason(root)).toEqual({ type: "killed" });
    expect(host.done[0]).toBe("exit 1");
  });

  test("S173: when the root gives up or is killed, Node's exit code is set; when it is stopped, it is not", async () => {
    const gaveUp = await attached({ exitCodeOnGiveUp: 70 });
    await bench.end(gaveUp.root, "crash", "a");
    expect(gaveUp.host.done).toEqual(["code 70"]);
    const killed = await attached({ exitCodeOnGiveUp: 70 });
    kill(killed.root);
    await bench.rest();
    expect(killed.host.done).toEqual(["code 70"]);
    const stopped = await attached({ exitCodeOnGiveUp: 70 });
    stopped.root.stop();
    await bench.rest();
    expect(stopped.host.done).toEqual([]);
  });

  test("S173: without these options no signal is listened to and no exit code set", async () => {
    const { root, host } = await attached({});
    expect(host.listeners.size).toBe(0);
    await bench.end(root, "crash", "a");
    expect(host.done).toEqual([]);
  });

  test("S174: a running tree keeps Node alive until it has ended, unless unref is asked for", async () => {
    const { root, host } = await attached({});
    expect(host.alive).toBe(true);
    kill(root);
    await bench.rest();
    expect(host.alive).toBe(false);
    expect((await attached({ unref: true })).host.alive).toBe(false);
  });

  test("options for roots are refused where there is a parent, and when they are malformed", async () => {
    const parent = {};
    for (const options of [
      { parent, signals: true },
      { parent, exitCodeOnGiveUp: 1 },
      { parent, unref: true },
    ]) {
      expect(() => checkRootOptions(options)).toThrow(/for roots/);
    }
    for (const options of [
      { signals: { limitMs: 0 } },
      { signals: { limitMs: "1" } },
      { signals: null },
      { signals: 1 },
      { exitCodeOnGiveUp: 1.5 },
      { unref: 1 },
    ]) {
      expect(() => checkRootOptions(options as never)).toThrow(expect.objectContaining({ code: "badarg" }));
    }
    const root = await bench.supervisor([]);
    expect(isRunning(root)).toBe(true);
  });
});
