import { spawn } from "node:child_process";
import { once } from "node:events";
import { createCertificateAuthority } from "@trunkline/testing";
import { pinned } from "../run/pinning.ts";
import type { ReplayRequest } from "./replay-request.ts";
import type { ReplayStream } from "./replay-stream.ts";

/** A running replay. */
export interface Replay extends AsyncDisposable {
  readonly port: number;
  /** PEM of the authority behind its certificate. */
  readonly ca: string;
}

/** Starts the replay's program on `core`; it plays `stream` to each client that asks for it. */
export async function startReplay(program: string, stream: ReplayStream, core: number | undefined): Promise<Replay> {
  const { ca, cert, key } = createCertificateAuthority().issue();
  const request: ReplayRequest = { stream, certificate: cert, key };
  const [file, ...rest] = pinned(core, [process.execPath, program, JSON.stringify(request)]);
  const child = spawn(file, rest, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [message] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => {
      throw new Error("The replay ended before it listened.");
    }),
  ])) as [{ readonly port: number }];
  return {
    port: message.port,
    ca,
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}
