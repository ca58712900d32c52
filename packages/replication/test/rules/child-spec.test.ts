import { exited, makeRuntime, resolveChildSpec, silentLogger } from "@trunkline/process";
import { Supervisor, type SupervisorRef } from "@trunkline/supervisor";
import { scriptedServer } from "@trunkline/testing";
import { describe, expect, test } from "vitest";
import { type ConnectionRef, noreply, ReplicationConnection, type ReplicationOptions, stop } from "../../src/index.ts";
import { closedPort } from "../conformance/scripts.ts";

const nowhere = { connectionString: "postgres://x@127.0.0.1:1/x" };
const runtime = makeRuntime({ logger: silentLogger });

describe("the spec", () => {
  test("R107: it has an id and a start, and overrides win over the definition's defaults, key by key", () => {
    const Kind = ReplicationConnection.define(
      { init: () => 0 },
      { id: "kind", restart: "transient", shutdown: 10_000 },
    );
    expect(Kind.childSpec(undefined, nowhere)).toMatchObject({
      id: "kind",
      restart: "transient",
      shutdown: 10_000,
      start: expect.any(Function),
    });
    expect(Kind.childSpec(undefined, nowhere, { id: 7, shutdown: "brutal_kill" })).toMatchObject({
      id: 7,
      restart: "transient",
      shutdown: "brutal_kill",
    });
  });

  test("R108: any other key is refused by name, in the definition and in the overrides", () => {
    const unknown = { code: "option_unknown", message: expect.stringContaining("restarts") };
    const Kind = ReplicationConnection.define({ init: () => 0 }, { id: "kind" });
    expect(() => Kind.childSpec(undefined, nowhere, { restarts: 3 } as never)).toThrow(
      expect.objectContaining(unknown),
    );
    expect(() => ReplicationConnection.define({ init: () => 0 }, { restarts: 3 } as never)).toThrow(
      expect.objectContaining(unknown),
    );
  });

  test("R109: what is left out takes the supervisor's defaults, but for the time a start may take", () => {
    const Kind = ReplicationConnection.define({ init: () => 0 }, { id: "kind" });
    expect(resolveChildSpec(Kind.childSpec(undefined, nowhere))).toMatchObject({
      restart: "permanent",
      shutdown: 5000,
      type: "worker",
      significant: false,
      startTimeoutMs: 30_000,
    });
  });
});

describe("under a supervisor", () => {
  const restarts = (supervisor: SupervisorRef) =>
    Supervisor.whichChildren(supervisor).then(([child]) => child?.ref as ConnectionRef | undefined);

  async function stopped(restart: "permanent" | "transient" | "temporary", reason: Error | "normal" | "shutdown") {
    await using server = await scriptedServer(async (peer) => void (await peer.login()), { repeat: true });
    const Kind = ReplicationConnection.define<null>(
      { init: () => null, handleInfo: () => stop(reason) },
      { id: "kind", restart },
    );
    const options: ReplicationOptions = { connectionString: server.url };
    const supervisor = await Supervisor.startLink([Kind.childSpec(undefined, options)], {
      strategy: "one_for_one",
      runtime,
    });
    const first = await restarts(supervisor);
    if (first === undefined) throw new Error("There is no child.");
    const ended = exited(first);
    first.send({ type: "info", info: "stop" });
    await ended;
    const [child] = await Supervisor.whichChildren(supervisor);
    const outcome = child === undefined ? "gone" : child.ref === undefined ? "stopped" : "restarted";
    await Supervisor.stop(supervisor, "shutdown");
    return outcome;
  }

  test("R40, R110: permanent is restarted always, transient after an abnormal end only, temporary never", async () => {
    const error = new Error("out of order");
    expect(await stopped("permanent", "normal")).toBe("restarted");
    expect(await stopped("transient", error)).toBe("restarted");
    expect(await stopped("transient", "normal")).toBe("stopped");
    expect(await stopped("transient", "shutdown")).toBe("stopped");
    expect(await stopped("temporary", error)).toBe("gone");
  });

  test("R95: after an exit the restart is the supervisor's affair: its budget ends it when the server stays away", async () => {
    const dead = await closedPort();
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      peer.reset();
    });
    let attempts = 0;
    const Kind = ReplicationConnection.define<null>(
      { init: () => null, handleConnect: (state) => noreply(state) },
      { id: "kind", restart: "permanent" },
    );
    const spec = Kind.childSpec(undefined, {
      connectionString: dead,
      configure: () => {
        attempts += 1;
        return attempts === 1 ? { connectionString: server.url } : {};
      },
    });
    const supervisor = await Supervisor.startLink([spec], { strategy: "one_for_one", maxRestarts: 2, runtime });
    expect(await exited(supervisor)).toMatchObject({ type: "shutdown" });
    expect(attempts).toBe(1 + 2);
  });
});
