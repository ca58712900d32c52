import { spawn } from "node:child_process";
import { once } from "node:events";
import { pinned } from "./pinning.ts";

/** A server's program that runs until it is disposed of. */
export interface StartedServer extends AsyncDisposable {
  readonly port: number;
}

/** Starts a program that says by IPC on which port it listens, and ends when IPC does. */
export async function startServer(program: string, request: unknown, core: number | undefined): Promise<StartedServer> {
  const [file, ...rest] = pinned(core, [process.execPath, program, JSON.stringify(request)]);
  const child = spawn(file, rest, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const early = exited.then((): never => {
    throw new Error(`${program} ended before it listened.`);
  });
  const [message] = (await Promise.race([once(child, "message"), early])) as [{ readonly port: number }];
  early.catch(() => {});
  return {
    port: message.port,
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
