import { type Script, type ScriptedServer, scriptedServer } from "@trunkline/testing";
import { connect } from "../src/connection/connect.ts";
import type { ConnectionOptions } from "../src/options/connection-options.ts";

/** Options for a scripted server. */
export const at = (server: Pick<ScriptedServer, "port">, more: ConnectionOptions = {}): ConnectionOptions => {
  return { host: "127.0.0.1", port: server.port, user: "scripted", password: "hunter2", database: "scripted", ...more };
};

/** Plays the script and answers the error that connecting ends with. */
export async function failure(script: Script, more: ConnectionOptions = {}): Promise<unknown> {
  await using server = await scriptedServer(script);
  const error = await connect(at(server, more)).then(
    async (session) => {
      await session.close();
      return undefined;
    },
    (cause: unknown) => cause,
  );
  if (error === undefined) throw new Error("Connecting did not fail.");
  await server.close();
  return error;
}
