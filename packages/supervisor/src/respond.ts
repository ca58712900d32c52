import { type From, reply, replyError } from "@trunkline/process";
import { SupervisorError } from "./error.ts";

/** Serves one request to its end and replies. A refusal is an answer too: the supervisor lives on. */
export async function respond(from: From, serve: () => unknown): Promise<void> {
  try {
    reply(from, await serve());
  } catch (error) {
    if (!(error instanceof SupervisorError)) throw error;
    replyError(from, error);
  }
}
