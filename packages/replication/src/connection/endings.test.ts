import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("however a connection ends, no socket or timer is left: the process ends by itself", async () => {
  const program = fileURLToPath(new URL("../../test/endings.ts", import.meta.url));
  const args = ["--conditions=@trunkline/source", "--import", "tsx", program];
  // Rejects when the program has to be killed.
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  expect(JSON.parse(stdout)).toEqual({
    outcomes: [
      "handshake_timeout",
      "connection_tls_unavailable",
      "connection_aborted",
      "connection_refused",
      "query_timeout",
      "lost: connection_closed",
      "lost: connection_closed",
      "lost: connection_reset",
    ],
    held: {},
  });
}, 30_000);
