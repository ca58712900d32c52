import type { Socket } from "node:net";
import { encodeQuery, encodeStartupMessage, startReplication } from "@trunkline/protocol";
import type { ClientTask } from "./task.ts";

/** The type byte of CopyData. */
export const COPY_DATA = 0x64;

/** The first message of a session. */
export function startup({ user, database }: ClientTask): Buffer {
  return encodeStartupMessage({ user, database, replication: "database" });
}

/** Answers a message that comes before the stream; true once the stream has begun. */
export function converse(socket: Socket, task: ClientTask, type: number, body: Buffer): boolean {
  switch (String.fromCharCode(type)) {
    case "Z":
      socket.write(encodeQuery(startReplication({ slot: task.slot, publications: [task.publication] })));
      return false;
    case "W":
      return true;
    case "E":
      return fail(new Error(body.toString("utf8").replaceAll("\0", " ")));
    default:
      return false;
  }
}

/** The length that a frame's header at `at` states after the type byte. */
export function frameLength(bytes: Buffer, at: number): number {
  const high = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  const low = ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0);
  return high * 0x1_0000 + low;
}

/** A yardstick has no errors to handle: it ends. */
export function fail(error: Error): never {
  console.error(error.message);
  process.exit(1);
}
