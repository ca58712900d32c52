import { expect, test } from "vitest";
import { identifySystem, show, timelineHistory } from "./server-commands.ts";

const withCode = (code: string) => expect.objectContaining({ name: "ProtocolError", code });

test("IDENTIFY_SYSTEM is in capitals: the server reads no other (W136)", () => {
  expect(identifySystem()).toBe("IDENTIFY_SYSTEM");
});

test("SHOW quotes each part of a parameter's name", () => {
  expect(show("wal_level")).toBe('SHOW "wal_level"');
  expect(show("pg_stat_statements.max")).toBe('SHOW "pg_stat_statements"."max"');
  expect(show('x"; DROP TABLE t')).toBe('SHOW "x""; DROP TABLE t"');
});

test.each(["", "a.", ".a", "a..b", "x".repeat(64)])("SHOW refuses the name %j", (name) => {
  expect(() => show(name)).toThrow(withCode("identifier_invalid"));
});

test("TIMELINE_HISTORY takes a timeline id", () => {
  expect(timelineHistory(1)).toBe("TIMELINE_HISTORY 1");
  expect(timelineHistory(4_294_967_295)).toBe("TIMELINE_HISTORY 4294967295");
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 32])("TIMELINE_HISTORY refuses %d", (timeline) => {
  expect(() => timelineHistory(timeline)).toThrow(withCode("option_invalid"));
});
