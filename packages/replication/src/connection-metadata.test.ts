import { inspect } from "node:util";
import { metadataOf, settle, stop } from "@trunkline/process";
import { gate, scriptedServer, xLogData } from "@trunkline/testing";
import { expect, test } from "vitest";
import { goodbye, loginAndStream, started, streaming } from "../test/logging-connection.ts";
import { streamVitals } from "./connection-metadata.ts";
import { noreply } from "./instruction.ts";

test("a connection tells what it is and how fast it reads, has its statechart in its logic, and no password anywhere", async () => {
  await using server = await scriptedServer(async (peer) => {
    await loginAndStream(peer);
    peer.send(xLogData("four"));
    await peer.expectCopyDone();
    await goodbye(peer);
  });
  const came = gate();
  const password = "hunter2-very-secret";
  const handleData = (_: unknown, log: string[]) => {
    came.open();
    return noreply(log);
  };
  const ref = await started({ ...streaming, handleData }, { connectionString: server.url, password });
  expect(metadataOf(ref)).toMatchObject({ kind: "connection", plots: [{ key: "messages" }, { key: "bytes" }] });
  await came.opened;
  await settle();
  expect(streamVitals(ref)).toMatchObject({ messages: 1, bytes: 29, liveness: { askedAtMs: undefined } });
  const { logic } = ref as unknown as { readonly logic: { readonly root: { readonly definition: object } } };
  expect(Object.keys((logic.root.definition as { readonly states: object }).states)).toContain("connecting");
  expect(inspect(metadataOf(ref), { depth: 8 })).not.toContain(password);
  await stop(ref, "shutdown");
});
