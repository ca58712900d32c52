import { describe, expect, test } from "vitest";
import { bytes, cstring } from "../../test/bytes.ts";
import { ByteReader } from "../byte-reader.ts";
import { conditionOf, conditions } from "./condition.ts";
import { PostgresError } from "./postgres-error.ts";
import { readServerReport } from "./server-report.ts";

const reportOf = (...fields: readonly string[]) =>
  readServerReport(new ByteReader(bytes(...fields.map(cstring), "\0")));

describe("R87: an error of the server", () => {
  test("has a text for a log: severity, code, name, message, then detail and hint", () => {
    const report = reportOf("SFATAL", "VFATAL", "C57P01", "Mterminating connection", "Dbecause", "Hcome again");
    const error = new PostgresError(report, { connectionId: 42 });
    expect(error.message).toBe(
      "FATAL 57P01 (admin_shutdown) terminating connection\ndetail: because\nhint: come again",
    );
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "PostgresError",
      code: "57P01",
      condition: "admin_shutdown",
      severity: "FATAL",
      serverMessage: "terminating connection",
      detail: "because",
      hint: "come again",
      connectionId: 42,
    });
  });

  test("keeps each field that the server sent, and its cause", () => {
    const cause = new Error("before");
    const error = new PostgresError(
      reportOf("SERROR", "C23505", "Mm", "P7", "p8", "qq", "Ww", "ss", "tt", "cc", "ddt", "nn", "Ff", "L9", "Rr"),
      { cause },
    );
    expect(error).toMatchObject({
      condition: "unique_violation",
      position: 7,
      internalPosition: 8,
      internalQuery: "q",
      where: "w",
      schema: "s",
      table: "t",
      column: "c",
      dataType: "dt",
      constraint: "n",
      file: "f",
      line: 9,
      routine: "r",
      cause,
    });
    expect(error.connectionId).toBeUndefined();
    expect(error.message).toBe("ERROR 23505 (unique_violation) m");
  });

  test("shows, where it is logged, only what there is", () => {
    const error = new PostgresError(reportOf("SERROR", "C42P01", "Mm", "P15"));
    expect({ ...error }).toStrictEqual({
      name: "PostgresError",
      serverMessage: "m",
      severity: "ERROR",
      code: "42P01",
      condition: "undefined_table",
      position: 15,
    });
  });

  test("is told apart in English, whatever language the server speaks", () => {
    expect(new PostgresError(reportOf("SFATAL*", "VFATAL", "C57P03", "Mm")).severity).toBe("FATAL");
    expect(new PostgresError(reportOf("SFEHLER", "C57P03", "Mm")).severity).toBe("FEHLER");
  });

  test("with a code of an extension has no name, and a position that is no number is left out", () => {
    const error = new PostgresError(reportOf("SERROR", "CZZ999", "Mm", "Px", "L"));
    expect(error.condition).toBeUndefined();
    expect(error.position).toBeUndefined();
    expect(error.line).toBeUndefined();
    expect(error.message).toBe("ERROR ZZ999 m");
  });
});

describe("the names of SQLSTATEs", () => {
  test.each([
    ["57P01", "admin_shutdown"],
    ["55006", "object_in_use"],
    ["42704", "undefined_object"],
    ["00000", "successful_completion"],
    ["XX002", "index_corrupted"],
    ["57P05", "idle_session_timeout"],
  ])("%s is %s", (code, condition) => {
    expect(conditionOf(code)).toBe(condition);
  });

  test("what is inherited from objects is no code", () => {
    expect(conditionOf("toString")).toBeUndefined();
    expect(conditionOf("__proto__")).toBeUndefined();
  });

  test("the table is well formed, and each code stands once", () => {
    for (const [code, condition] of Object.entries(conditions)) {
      expect(code).toMatch(/^[0-9A-Z]{5}$/);
      expect(condition).toMatch(/^[a-z][a-z0-9_]+$/);
    }
    expect(Object.keys(conditions).length).toBe(263);
  });
});
