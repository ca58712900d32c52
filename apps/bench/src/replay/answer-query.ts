import { parseLsn } from "@trunkline/protocol";
import { backendFrames } from "./backend-frames.ts";
import type { ReplayStream } from "./replay-stream.ts";

/** What a walsender does about a query: answers it, or goes over to streaming. */
export type QueryAnswer =
  | { readonly type: "rows"; readonly bytes: Buffer }
  | { readonly type: "stream" }
  | { readonly type: "refused"; readonly bytes: Buffer };

const settings: Readonly<Record<string, string>> = {
  wal_segment_size: "16MB",
  data_directory_mode: "0700",
  wal_level: "logical",
  wal_sender_timeout: "1min",
};

/** Answers what clients ask before they stream, and refuses what they don't. */
export function answerQuery(sql: string, { endLsn }: ReplayStream): QueryAnswer {
  const words = sql.trim().replace(/;$/, "").split(/\s+/);
  const [command = "", second = ""] = words;
  switch (command.toUpperCase()) {
    case "START_REPLICATION":
      return { type: "stream" };
    case "IDENTIFY_SYSTEM":
      return row({ systemid: "7000000000000000001", timeline: "1", xlogpos: endLsn, dbname: "postgres" }, command);
    case "CREATE_REPLICATION_SLOT": {
      const slot = { slot_name: second, consistent_point: START_LSN, snapshot_name: null, output_plugin: "pgoutput" };
      return row(slot, command);
    }
    case "SHOW":
      return row({ [second]: settings[second.toLowerCase()] ?? "" }, "SHOW");
    case "SELECT":
      if (/set_config\(\s*'search_path'/.test(sql)) return row({ set_config: "" }, "SELECT 1");
      break;
    default:
  }
  return { type: "refused", bytes: backendFrames.errorResponse(`The replay has no answer to: ${sql}`) };
}

/** Where slots made here begin: before everything in the stream. */
const START_LSN = "0/1000";

/** The end of the stream as a keepalive has it. */
export function endOf({ endLsn }: ReplayStream): bigint {
  return parseLsn(endLsn);
}

function row(columns: Readonly<Record<string, string | null>>, tag: string): QueryAnswer {
  return { type: "rows", bytes: backendFrames.oneRow(columns, tag) };
}
