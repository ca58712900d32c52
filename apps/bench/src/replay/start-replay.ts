import { createCertificateAuthority } from "@trunkline/testing";
import { type StartedServer, startServer } from "../run/start-server.ts";
import type { ReplayRequest } from "./replay-request.ts";
import type { ReplayStream } from "./replay-stream.ts";

/** A running replay. */
export interface Replay extends StartedServer {
  /** PEM of the authority behind its certificate. */
  readonly ca: string;
}

/** Starts the replay's program on `core`; it plays `stream`, `repeat` times, to each client that asks for it. */
export async function startReplay(
  program: string,
  stream: ReplayStream,
  core: number | undefined,
  repeat = 1,
): Promise<Replay> {
  const { ca, cert, key } = createCertificateAuthority().issue();
  const request: ReplayRequest = { stream, repeat, certificate: cert, key };
  const server = await startServer(program, request, core);
  return { ...server, ca };
}
