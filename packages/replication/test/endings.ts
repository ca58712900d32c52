// A program that lets connections end in every way, then says what still keeps it alive. It must end by itself.
import { copyBothResponse, copyData, type Script, type ScriptedServer, scriptedServer } from "@trunkline/testing";
import { connect } from "../src/connection/connect.ts";
import type { Session } from "../src/connection/session.ts";
import { deferred } from "./deferred.ts";
import { heldResources } from "./held-resources.ts";
import { recordingSink } from "./recording-sink.ts";

const at = (server: ScriptedServer) => ({ host: server.host, port: server.port, user: "u", database: "d" });
const silent: Script = async (peer) => {
  await peer.expectStartup();
};
const streaming: Script = async (peer) => {
  await peer.login();
  await peer.expectQuery();
  const frame = copyData("whole");
  peer.send(copyBothResponse(), frame, frame.subarray(0, 6));
};

const outcomes: string[] = [];

/** Runs `use` against a server that plays `script` as often as it is asked. */
async function against(script: Script, use: (server: ScriptedServer) => Promise<unknown>): Promise<void> {
  await using server = await scriptedServer(script, { repeat: true });
  outcomes.push(await use(server).then(String, ({ code }: { code?: unknown }) => String(code)));
  await server.close();
}

/** Starts a stream whose sink does `act` at the first payload, and waits for its end. */
async function stream(server: ScriptedServer, act: (session: Session) => void): Promise<string> {
  const session = await connect(at(server));
  const sink = recordingSink();
  sink.onData = () => act(session);
  await session.stream("START", sink);
  await sink.saw("whole");
  const end = await sink.end;
  await session.close();
  return end.type === "lost" && "code" in end.reason ? `lost: ${end.reason.code}` : end.type;
}

await against(silent, (server) => connect({ ...at(server), handshakeTimeoutMs: 20 }));
await against(silent, (server) => connect({ ...at(server), ssl: true }));
await against(silent, (server) => connect(at(server), { signal: AbortSignal.timeout(20) }));
await against(silent, (server) => connect({ ...at(server), host: "127.0.0.1", port: 1 }));
await against(streaming, async (server) => {
  const session = await connect(at(server));
  await session.query("slow", { timeoutMs: 20 });
});
await against(streaming, (server) => stream(server, (session) => void session.close()));
await against(streaming, (server) => {
  return stream(server, (session) => {
    session.hold();
    setImmediate(() => void session.close());
  });
});
const cut = deferred<void>();
await against(
  async (peer) => {
    await streaming(peer);
    await peer.until(cut.promise);
    peer.reset();
  },
  (server) => stream(server, () => cut.resolve()),
);

// Handles that were destroyed are closed at the end of the event loop's turn.
for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve));
process.stdout.write(JSON.stringify({ outcomes, held: heldResources() }));
