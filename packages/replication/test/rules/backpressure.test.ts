import { settle } from "@trunkline/process";
import { copyData, faultProxy, gate, scriptedServer } from "@trunkline/testing";
import { expect, test } from "vitest";
import { noreply, stream } from "../../src/index.ts";
import { startProbe } from "../conformance/probe.ts";
import { goodbyeInStream, loginAndStream } from "../conformance/scripts.ts";

test("R100: while a callback is busy the server is slowed down, and nothing is lost afterwards", async () => {
  const begin = gate();
  const busy = gate();
  const go = gate();
  const message = copyData(Buffer.alloc(65_536));
  const count = 1024; // 64 MiB: more than sockets and kernels hold
  await using server = await scriptedServer(async (peer) => {
    await loginAndStream(peer);
    await peer.until(begin.opened);
    for (let sent = 0; sent < count; sent += 1) peer.send(message);
    await goodbyeInStream(peer);
  });
  await using proxy = await faultProxy({ target: server });
  let received = 0;
  const probe = await startProbe({
    connectionString: proxy.urlOf(server.url),
    callbacks: {
      handleConnect: (state) => stream("START_REPLICATION …", state, { highWaterBytes: 1024 * 1024 }),
      handleData: async (_, state) => {
        received += 1;
        busy.open();
        await go.opened;
        if (received === count) state.inbox.note("all");
        return noreply(state);
      },
    },
  });
  begin.open();
  await busy.opened;
  // When nothing has moved for a thousand turns of the loop, all that could be taken has been taken.
  for (let still = 0, seen = -1; still < 1000; still += 1) {
    if (proxy.bytes.toClients !== seen) still = 0;
    seen = proxy.bytes.toClients;
    await settle();
  }
  expect(proxy.bytes.toClients).toBeLessThan((message.length * count) / 2);
  expect(received).toBe(1);
  go.open();
  await probe.inbox.next("note");
  await probe[Symbol.asyncDispose]();
  await server.done;
});
