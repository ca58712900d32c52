import { expect, test } from "vitest";
import { parseCommandTag } from "./command-tag.ts";

test.each([
  ["INSERT 0 2", "insert", 2],
  ["UPDATE 0", "update", 0],
  ["DELETE 12", "delete", 12],
  ["MERGE 3", "merge", 3],
  ["SELECT 1", "select", 1],
  ["FETCH 5", "fetch", 5],
  ["COPY 1000000", "copy", 1_000_000],
  ["COPY", "copy", undefined],
  ["CREATE TABLE", "create_table", undefined],
  ["CREATE_REPLICATION_SLOT", "create_replication_slot", undefined],
  ["IDENTIFY_SYSTEM", "identify_system", undefined],
  ["START_REPLICATION", "start_replication", undefined],
  ["", "", undefined],
])("R46: %j is the command %j with %s rows", (tag, command, numRows) => {
  expect(parseCommandTag(tag)).toEqual({ command, numRows });
});
