import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { reset } from "./reset.ts";

const anyPort = { port: 0, host: "127.0.0.1" };

/** Both ends of a connection, with what each reports. */
async function pair(where: typeof anyPort | { readonly path: string } = anyPort) {
  const server = createServer({ allowHalfOpen: true }).listen(where);
  await once(server, "listening");
  const address = "path" in where ? where : { ...where, port: (server.address() as AddressInfo).port };
  const peer = connect({ ...address, allowHalfOpen: true });
  const [[ours]] = (await Promise.all([once(server, "connection"), once(peer, "connect")])) as [[Socket], unknown];
  onTestFinished(() => {
    server.close();
    ours.destroy();
    peer.destroy();
  });
  const errors = { ours: [] as string[], peer: [] as string[] };
  const listen = (socket: Socket, into: string[]) =>
    socket.on("error", (error: NodeJS.ErrnoException) => into.push(error.code ?? error.message)).resume();
  listen(ours, errors.ours);
  listen(peer, errors.peer);
  return { ours, peer, errors };
}

/** Not `once`: it rejects when an error comes first. */
const closeOf = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

test("the peer of a socket that is reset sees a reset", async () => {
  const { ours, peer, errors } = await pair();
  const closed = [closeOf(ours), closeOf(peer)];
  reset(ours);
  await Promise.all(closed);
  expect(errors).toEqual({ ours: [], peer: ["ECONNRESET"] });
});

test("a socket that is reset while its half is being ended closes, though its peer goes on", async () => {
  const { ours, peer, errors } = await pair();
  const closed = closeOf(ours);
  ours.end();
  reset(ours);
  await closed;
  expect([errors.ours, peer.destroyed]).toEqual([[], false]);
});

test("so does one whose peer has reset it in the same moment", async () => {
  const { ours, peer } = await pair();
  const closed = closeOf(ours);
  ours.end();
  reset(peer);
  reset(ours);
  await closed;
  expect(ours.destroyed).toBe(true);
});

test("a socket whose end waits behind bytes that nobody reads is reset at once", async () => {
  const { ours, peer, errors } = await pair();
  peer.pause();
  while (ours.write(Buffer.alloc(1 << 20)));
  ours.end();
  const closed = closeOf(ours);
  reset(ours);
  await closed;
  expect([ours.writableFinished, errors.ours]).toEqual([false, []]);
});

test("a unix socket is closed", async () => {
  const { ours, peer } = await pair({ path: join(tmpdir(), `reset-${process.pid}.sock`) });
  const closed = [closeOf(ours), once(peer, "end")];
  reset(ours);
  await Promise.all(closed);
  expect(ours.destroyed).toBe(true);
});
