import { randomBytes } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type AddressInfo, connect, createServer } from "node:net";
import { channelNames, makeRuntime, stop as stopProcess, sys } from "@trunkline/process";
import { Supervisor } from "@trunkline/supervisor";
import { startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import type { InspectionEvent } from "xstate";
import { call, replicationChannelNames } from "../../src/index.ts";
import { Haystack } from "./haystack.ts";
import { Inbox } from "./inbox.ts";
import { probeKind, startProbe } from "./probe.ts";

const password = randomBytes(12).toString("hex");

/** A wire between client and server that keeps what each has said. */
async function recordingWire(target: { readonly host: string; readonly port: number }) {
  const said: { readonly client: Buffer[]; readonly server: Buffer[] } = { client: [], server: [] };
  const server = createServer((client) => {
    const upstream = connect({ host: target.host, port: target.port });
    client.on("data", (bytes) => said.client.push(bytes));
    upstream.on("data", (bytes) => said.server.push(bytes));
    client.pipe(upstream).pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on("close", () => other.destroy());
      socket.on("error", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    client: () => Buffer.concat(said.client).toString("latin1"),
    server: () => Buffer.concat(said.server),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** What passed over the wire that nobody may print: SCRAM's nonces, salt, proof and signature, and the cancel key. */
function secretsOf(wire: { client(): string; server(): Buffer }): readonly string[] {
  const told = `${wire.client()} ${wire.server().toString("latin1")}`;
  const scram = ["r", "s", "p", "v"].map(
    (name) => new RegExp(`[ ,\0-\x20]${name}=([A-Za-z0-9+/=]{12,})`).exec(told)?.[1],
  );
  const bytes = wire.server();
  const at = bytes.indexOf(Buffer.from([0x4b, 0, 0, 0])); // BackendKeyData, shorter than 256 bytes
  const key = bytes.subarray(at + 9, at + 1 + bytes.readInt32BE(at + 1));
  const words = [...key].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const forms = [key.toString("hex"), key.toString("base64"), words, JSON.stringify([...key]).slice(1, -1)];
  const found = [password, ...scram, ...forms, [...key].join(", ")];
  return found.map((secret, index) => {
    if (secret === undefined || secret.length < 4) throw new Error(`Secret ${index} was not seen on the wire.`);
    return secret;
  });
}

test("PX-51, R112, R113: the password, the SCRAM data and the cancel key show nowhere", async () => {
  await using server = await startPostgres({
    hba: ["host all guarded all scram-sha-256"],
    settings: { password_encryption: "scram-sha-256" },
  });
  await using database = await server.database();
  await database.query(`DROP ROLE IF EXISTS guarded`);
  await database.query(`CREATE ROLE guarded LOGIN REPLICATION PASSWORD '${password}'`);
  await using wire = await recordingWire(server);
  const url = `postgres://guarded:${password}@127.0.0.1:${wire.port}/${database.name}`;
  const haystack = new Haystack();
  const channels = [...Object.values(channelNames), ...Object.values(replicationChannelNames)];
  const hear = (message: unknown): void => haystack.add(message);
  for (const channel of channels) subscribe(channel, hear);

  const runtime = makeRuntime({ logger: haystack.logger });
  const see = (event: InspectionEvent): void => haystack.add(event);
  const ref = await probeKind().startLink(new Inbox(), { connectionString: url, runtime, inspect: see, name: "px-51" });
  if (ref === undefined) throw new Error("The start was ignored.");
  await sys.log(ref, 10);
  await sys.trace(ref, hear);
  expect(await call(ref, { type: "query", sql: "SELECT current_user" })).toMatchObject([{ rows: [["guarded"]] }]);
  haystack.add(ref);
  haystack.add(ref.getSnapshot());
  haystack.add(ref.getPersistedSnapshot());
  haystack.add([await sys.getState(ref), await sys.getStatus(ref), await sys.getLog(ref)]);
  // A caller's error, and the crash that comes of it.
  const ended = call(ref, { type: "query", sql: "SELECT pg_terminate_backend(pg_backend_pid())" });
  haystack.add(await ended.catch((error: unknown) => error));

  // Refused at the door: an attempt with another user's password, and again and again under a supervisor.
  const spec = probeKind().childSpec(new Inbox(), { connectionString: url, user: "nobody_here", password });
  haystack.add(spec);
  const supervisor = await Supervisor.startLink([], { strategy: "one_for_one", runtime });
  haystack.add(await Supervisor.startChild(supervisor, spec).catch((error: unknown) => error));
  haystack.add([supervisor, await sys.getState(supervisor), await Supervisor.whichChildren(supervisor)]);
  await stopProcess(supervisor, "shutdown");
  const asked = startProbe({ connectionString: url, password: async () => password, database: "not_there" });
  haystack.add(await asked.catch((error: unknown) => error));

  for (const channel of channels) unsubscribe(channel, hear);
  const secrets = secretsOf(wire);
  expect(haystack.holds(["px-51", "nobody_here"])).toEqual(["px-51", "nobody_here"]); // what was said is in it
  const careless = new Haystack();
  careless.add({ attempt: new Map([["url", url]]), key: [Buffer.from(secrets[5] ?? "", "hex")] });
  expect(careless.holds(secrets)).toContain(password); // and a secret would be found
  expect(haystack.holds(secrets)).toEqual([]);
}, 60_000);
