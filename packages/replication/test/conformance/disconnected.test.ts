import { call } from "@trunkline/process";
import { scriptedServer } from "@trunkline/testing";
import { describe, expect, test } from "vitest";
import { noreply, query, ReplicationError } from "../../src/index.ts";
import { startProbe, statusUpdate } from "./probe.ts";
import { closedPort, goodbye } from "./scripts.ts";

const waiting = async () => ({ connectionString: await closedPort(), autoReconnect: true, reconnectBackoff: 600_000 });
const notConnected = expect.objectContaining({ name: "ReplicationError", code: "not_connected" });

describe("while disconnected", () => {
  test("PX-04, R76: a call that only replies is answered", async () => {
    await using probe = await startProbe(await waiting());
    expect(await call(probe.ref, { type: "ping" })).toBe("pong");
  });

  test("PX-05, R76: a query gives NotConnected to handleResult, and the actor lives", async () => {
    await using probe = await startProbe(await waiting());
    expect(await probe.query("SELECT 1")).toEqual(notConnected);
    expect(await call(probe.ref, { type: "ping" })).toBe("pong");
  });

  test("PX-05, R76: a stream gives NotConnected to handleResult, and the actor lives", async () => {
    await using probe = await startProbe(await waiting());
    probe.info({ stream: "START_REPLICATION …" });
    expect((await probe.inbox.next("result")).answer).toBeInstanceOf(ReplicationError);
    expect(await call(probe.ref, { type: "ping" })).toBe("pong");
  });

  test("PX-05, R76: acks are dropped, and the actor lives", async () => {
    await using probe = await startProbe({
      ...(await waiting()),
      callbacks: {
        handleInfo: (_, state) => {
          state.inbox.note("acked");
          return noreply(state, [statusUpdate(1n)]);
        },
      },
    });
    probe.info("ping");
    await probe.inbox.next("note");
    expect(await call(probe.ref, { type: "ping" })).toBe("pong");
  });

  test("R76: a module that asks again at each refusal does not keep the actor from connecting", async () => {
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await peer.expectQuery("SELECT 1");
      peer.sendComplete("SELECT 0");
      await goodbye(peer);
    });
    const { connectionString } = await waiting();
    const probe = await startProbe({
      connectionString,
      autoReconnect: true,
      reconnectBackoff: 1,
      configure: ({ attempt }) => (attempt === 1 ? {} : { connectionString: server.url }),
      callbacks: {
        handleInfo: (_, state) => query("SELECT 1", state),
        handleResult: (answer, state) => {
          if (answer instanceof Error) return query("SELECT 1", state);
          state.inbox.note("answered");
          return noreply(state);
        },
      },
    });
    probe.info("ping");
    await probe.inbox.next("note");
    await probe[Symbol.asyncDispose]();
    await server.done;
  });
});
