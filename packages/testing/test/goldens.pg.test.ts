import { createChangeDecoder, messageTags, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import { startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { captureScenario } from "../goldens/capture-scenario.ts";
import { scenarios } from "../goldens/scenarios.ts";

/** The header of a CopyData message. */
const COPY_DATA_HEADER_BYTES = 5;

test("what a running server sends is decoded, every message it can send", async () => {
  await using server = await startPostgres();
  const seen = new Set<string>();
  for (const scenario of scenarios.filter(({ since }) => since <= server.version)) {
    const decoder = createChangeDecoder();
    for (const frame of await captureScenario(server, scenario)) {
      seen.add(decoder.decode(frame, COPY_DATA_HEADER_BYTES + X_LOG_DATA_HEADER_BYTES).kind);
    }
  }
  const twoPhase = ["beginPrepare", "prepare", "commitPrepared", "rollbackPrepared", "streamPrepare"];
  const expected = Object.keys(messageTags).filter((kind) => server.version >= 15 || !twoPhase.includes(kind));
  expect([...seen].sort()).toEqual(expected.sort());
});
