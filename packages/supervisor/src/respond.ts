import { type From, reply, replyError } from "@trunkline/process";

/**
 * Serves one request to its end and replies, with a refusal too. Whatever serving it throws (a spec whose getter throws, say)
 * is the caller's to know: the supervisor lives on.
 */
export async function respond(from: From, serve: () => unknown): Promise<void> {
  try {
    reply(from, await serve());
  } catch (error) {
    replyError(from, error);
  }
}
