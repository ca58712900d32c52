import { once } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
import { frontend, type RawClient, rawClient, startupMessage } from "../../test/raw-client.ts";
import { authenticationOk } from "../backend/authentication.ts";
import { copyBothResponse, copyData, copyDone } from "../backend/copy.ts";
import { readyForQuery } from "../backend/session.ts";
import { gate } from "../scripted/gate.ts";
import type { Peer } from "../scripted/peer.ts";
import { scriptedServer } from "../scripted/scripted-server.ts";
import { faultProxy } from "./fault-proxy.ts";
import type { ProxiedConnection } from "./proxied-connection.ts";
import { seededFaults } from "./seeded-faults.ts";

const startup = startupMessage({ user: "u" });
const answer = [authenticationOk(), readyForQuery(), copyBothResponse(), copyData("one"), copyData("two"), copyDone()];
const whole = Buffer.concat(answer);

/** A server that answers a startup message with everything at once. */
const sendAll = async (peer: Peer) => {
  await peer.expectStartup();
  peer.send(...answer);
};

test("without a plan it is a faithful proxy that counts", async () => {
  await using server = await scriptedServer(async (peer) => {
    await sendAll(peer);
    await peer.expectTerminate();
    await peer.expectEnd();
    peer.halfClose();
  });
  await using proxy = await faultProxy({ target: server });
  using client = await rawClient(proxy.port);
  client.socket.write(startup);
  client.socket.end(frontend("X"));
  expect(await client.over).toBe("end");
  expect(client.received()).toEqual(whole);
  await server.done;
  expect(proxy.bytes).toEqual({ toClients: whole.length, toServer: startup.length + 5 });
  const connection = await proxy.connection(1);
  expect([connection.toClient.messages, connection.toServer.messages]).toEqual([6, 2]);
  expect(proxy.urlOf("postgres://u:p@example.test:1/db?a=b")).toBe(`postgres://u:p@127.0.0.1:${proxy.port}/db?a=b`);
});

test("it cuts at every message boundary of the server, exactly there", async () => {
  await using server = await scriptedServer(sendAll, { repeat: true });
  await using proxy = await faultProxy({ target: server });
  let end = 0;
  for (const [index, message] of answer.entries()) {
    end += message.length;
    proxy.replan(({ toClient }) => toClient.at({ messages: index + 1 }, "fin"));
    expect(await receivedBy(proxy.port)).toEqual(whole.subarray(0, end));
  }
  expect(end).toBe(whole.length);
});

test("it cuts at every byte", async () => {
  await using server = await scriptedServer(sendAll, { repeat: true });
  await using proxy = await faultProxy({ target: server });
  for (let bytes = 1; bytes < whole.length; bytes += 1) {
    proxy.replan(({ toClient }) => toClient.at({ bytes }, "fin"));
    expect(await receivedBy(proxy.port)).toEqual(whole.subarray(0, bytes));
  }
});

test("it cuts before the first byte", async () => {
  await using server = await scriptedServer((peer) => peer.expectEnd());
  await using proxy = await faultProxy({ target: server, plan: ({ toClient }) => toClient.at({ bytes: 0 }, "fin") });
  expect(await receivedBy(proxy.port)).toEqual(Buffer.alloc(0));
  await server.done;
});

test("it cuts inside a message, or after the first one that is like this", async () => {
  await using server = await scriptedServer(sendAll, { repeat: true });
  await using proxy = await faultProxy({ target: server });
  const three = Buffer.concat(answer.slice(0, 3)).length;
  proxy.replan(({ toClient }) => toClient.at({ messages: 3, plusBytes: 2 }, "fin"));
  expect(await receivedBy(proxy.port)).toEqual(whole.subarray(0, three + 2));
  proxy.replan(({ toClient }) => toClient.at({ message: (tag) => tag === "d" }, "fin"));
  expect(await receivedBy(proxy.port)).toEqual(whole.subarray(0, three + 8));
});

test("a cut by RST is a reset for both sides", async () => {
  const seen = gate();
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    peer.send(readyForQuery());
    await peer.expect("RST", ({ type }) => (type === "reset" ? true : undefined));
    seen.open();
  });
  await using proxy = await faultProxy({ target: server });
  using client = await rawClient(proxy.port);
  client.socket.write(startup);
  await client.bytes(6);
  (await proxy.connection(1)).cut("rst");
  expect(await client.over).toBe("ECONNRESET");
  await seen.opened;
  await server.done;
});

test("a cut of the client's side alone goes unseen by the server, until its own side is cut", async () => {
  const cut = gate();
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    peer.send(readyForQuery());
    await peer.until(cut.opened);
    peer.send(readyForQuery());
    await peer.flushed();
    expect(peer.unread).toEqual([]);
    connection.cut("fin", "server");
    await peer.expectEnd();
  });
  await using proxy = await faultProxy({ target: server });
  using client = await rawClient(proxy.port);
  client.socket.write(startup);
  await client.bytes(6);
  const connection = await proxy.connection(1);
  connection.cut("rst", "client");
  expect(await client.over).toBe("ECONNRESET");
  cut.open();
  await server.done;
});

test("each direction stalls by itself and resumes with nothing lost", async () => {
  const there = gate();
  await using server = await scriptedServer(async (peer) => {
    await sendAll(peer);
    await peer.expectQuery("SELECT 1"); // while the other direction stands still
    there.open();
  });
  await using proxy = await faultProxy({
    target: server,
    plan: ({ toClient }) => toClient.at({ messages: 2 }, "stall"),
  });
  using client = await rawClient(proxy.port);
  client.socket.write(Buffer.concat([startup, frontend("Q", "SELECT 1\0")]));
  await there.opened;
  const { toClient } = await proxy.connection(1);
  const two = Buffer.concat(answer.slice(0, 2));
  expect(await client.bytes(two.length)).toEqual(two);
  expect(toClient.stalled).toBe(true);
  toClient.resume();
  expect(await client.bytes(whole.length)).toEqual(whole);
});

test("a stall is felt by the sender: it blocks until the direction goes on", async () => {
  const size = 30_000_000; // more than the kernel buffers
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    peer.send(copyData(Buffer.alloc(size - 5)));
    const flushed = peer.flushed();
    expect(await isPending(flushed)).toBe(true);
    (await proxy.connection(1)).toClient.resume();
    await flushed;
  });
  await using proxy = await faultProxy({
    target: server,
    plan: ({ toClient }) => toClient.at({ bytes: 100 }, "stall"),
  });
  using client = await rawClient(proxy.port);
  client.socket.write(startup);
  const [received] = await Promise.all([client.bytes(size), server.done]);
  expect(received.length).toBe(size);
});

test("a client that doesn't read blocks the server: the proxy keeps next to nothing", async () => {
  const size = 60_000_000; // more than the kernel buffers on both sides of the proxy
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    peer.send(copyData(Buffer.alloc(size - 5)));
    const flushed = peer.flushed();
    expect(await isPending(flushed)).toBe(true);
    client.socket.resume();
    await flushed;
  });
  await using proxy = await faultProxy({ target: server });
  using client = await rawClient(proxy.port);
  client.socket.pause();
  client.socket.write(startup);
  const [received] = await Promise.all([client.bytes(size), server.done]);
  expect(received.length).toBe(size);
});

test("bytes come in the pieces asked for", async () => {
  await using server = await scriptedServer(sendAll);
  await using proxy = await faultProxy({ target: server, plan: ({ toClient }) => toClient.split([1, 7]) });
  using client = await rawClient(proxy.port);
  client.socket.write(startup);
  expect(await client.bytes(whole.length)).toEqual(whole);
  expect(client.pieces.slice(0, 4).map(({ length }) => length)).toEqual([1, 7, 1, 7]);
});

test("delayed bytes come when their time has come, and in order", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  await using server = await scriptedServer(sendAll);
  await using proxy = await faultProxy({ target: server, plan: ({ toClient }) => toClient.delay(30) });
  using client = await rawClient(proxy.port);
  client.socket.write(startup);
  await server.done;
  while (vi.getTimerCount() === 0) await turn(); // until the bytes have reached the proxy
  await vi.advanceTimersByTimeAsync(29);
  for (let turns = 0; turns < 20; turns += 1) await turn();
  expect(client.received().length).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(await client.bytes(whole.length)).toEqual(whole);
});

test("a function is called at its point, also when that is passed already", async () => {
  await using server = await scriptedServer(sendAll);
  await using proxy = await faultProxy({ target: server });
  using client = await rawClient(proxy.port);
  const { toClient } = await proxy.connection(1);
  const called: string[] = [];
  toClient.at({ messages: 2 }, () => called.push(`2 at ${toClient.bytes}`));
  toClient.at({ bytes: 15 }, () => called.push("15 bytes"));
  client.socket.write(startup);
  await client.bytes(whole.length);
  toClient.at({ messages: 1 }, () => called.push("late"));
  expect(called).toEqual(["2 at 15", "15 bytes", "late"]);
});

test("it leads to another target, and refuses and admits as told", async () => {
  const greet = (text: string) => async (peer: Peer) => peer.send(Buffer.from(text));
  await using first = await scriptedServer(greet("first"));
  await using second = await scriptedServer(greet("other"));
  await using proxy = await faultProxy({ target: first });
  using one = await rawClient(proxy.port);
  expect((await one.bytes(5)).toString()).toBe("first");
  await proxy.refuse();
  await expect(rawClient(proxy.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  proxy.retarget(second);
  await proxy.admit();
  using two = await rawClient(proxy.port);
  expect((await two.bytes(5)).toString()).toBe("other");
  expect(proxy.connections.length).toBe(2);
  proxy.cut();
  expect([await one.over, await two.over]).toEqual(["end", "end"]);
  expect(proxy.accepted).toBe(2);
});

test("who connects to a target that is down is reset", async () => {
  const server = await scriptedServer(sendAll);
  await server.close();
  await using proxy = await faultProxy({ target: server });
  using client = await rawClient(proxy.port);
  expect(await client.over).toBe("ECONNRESET");
});

test("a seed decides the faults, connection by connection", async () => {
  const faults = (seed: number, number: number) => {
    const log: string[] = [];
    const flow = (name: string) =>
      ({
        split: (lengths: readonly number[]) => log.push(`${name} split ${lengths}`),
        at: (point: object, fault: unknown) => log.push(`${name} ${JSON.stringify(point)} ${typeof fault}`),
      }) as unknown as ProxiedConnection["toClient"];
    const connection = { number, toClient: flow("toClient"), toServer: flow("toServer") } as ProxiedConnection;
    seededFaults({ seed })(connection);
    return log.join("\n");
  };
  expect(faults(1, 1)).toBe(faults(1, 1));
  const all = [1, 2, 3, 4].flatMap((seed) => [1, 2, 3, 4].map((number) => faults(seed, number)));
  expect(new Set(all).size).toBeGreaterThan(12);
});

async function receivedBy(port: number): Promise<Buffer> {
  using client: RawClient = await rawClient(port);
  client.socket.write(startup);
  await client.over;
  client.socket.destroy();
  await once(client.socket, "close");
  return client.received();
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Whether it is still open after a few thousand turns of the event loop, time enough to move 100 MB. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  promise.then(() => {
    pending = false;
  });
  for (let turns = 0; turns < 3000 && pending; turns += 1) await turn();
  return pending;
}
