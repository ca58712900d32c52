import { describe, expect, test } from "vitest";
import { MAX_LSN, parseLsn } from "../lsn.ts";
import { startLogicalReplication, startPhysicalReplication, startReplication } from "./start-replication.ts";

const withCode = (code: string) => expect.objectContaining({ name: "ProtocolError", code });
const untyped = <T>(value: unknown): T => value as T;
const demo = { slot: "demo", publications: ["demo"] };

describe("START_REPLICATION for pgoutput", () => {
  test("starts where the slot stands, in protocol 1, when nothing else is asked for", () => {
    expect(startReplication(demo)).toBe(
      `START_REPLICATION SLOT "demo" LOGICAL 0/0 ("proto_version" '1', "publication_names" '"demo"')`,
    );
  });

  test("carries every option", () => {
    expect(
      startReplication({
        ...demo,
        startLsn: parseLsn("16/B374D848"),
        protocolVersion: 4,
        binary: true,
        messages: true,
        streaming: "parallel",
        twoPhase: true,
        origin: "none",
        serverVersion: 18,
      }),
    ).toBe(
      `START_REPLICATION SLOT "demo" LOGICAL 16/B374D848 ("proto_version" '4', "publication_names" '"demo"', ` +
        `"binary" 'true', "messages" 'true', "streaming" 'parallel', "two_phase" 'on', "origin" 'none')`,
    );
  });

  test("options that are switched off are left to the server", () => {
    expect(startReplication({ ...demo, binary: false, messages: false, streaming: "off", twoPhase: false })).toBe(
      startReplication(demo),
    );
  });

  test("W96: publications are a list of identifiers inside a string constant, quoted for both", () => {
    expect(startReplication({ slot: "s", publications: ["My,Pub", 'a"b', "it's", "ünï 🐘"] })).toContain(
      `"publication_names" '"My,Pub","a""b","it''s","ünï 🐘"'`,
    );
  });

  test.each([
    [{}, 1],
    [{ streaming: "on" }, 2],
    [{ twoPhase: true }, 3],
    [{ streaming: "on", twoPhase: true }, 3],
    [{ streaming: "parallel" }, 4],
    [{ streaming: "parallel", twoPhase: true }, 4],
  ] as const)("%j takes protocol %d by itself", (options, protocolVersion) => {
    expect(startReplication({ ...demo, ...options })).toContain(`"proto_version" '${protocolVersion}'`);
  });

  test.each([
    [{ streaming: "on", protocolVersion: 1 }, 'streaming "on" needs protocolVersion 2; it is 1.'],
    [{ twoPhase: true, protocolVersion: 2 }, "twoPhase needs protocolVersion 3; it is 2."],
    [{ streaming: "parallel", protocolVersion: 3 }, 'streaming "parallel" needs protocolVersion 4; it is 3.'],
  ] as const)("W128: %j is refused with a sentence", (options, sentence) => {
    expect(() => startReplication({ ...demo, ...options })).toThrow(withCode("option_conflict"));
    expect(() => startReplication({ ...demo, ...options })).toThrow(sentence);
  });

  test.each([
    [{ protocolVersion: 3, serverVersion: 14 }, "Protocol version 3 needs PostgreSQL 15; the server is 14."],
    [{ streaming: "parallel", serverVersion: 15 }, "Protocol version 4 needs PostgreSQL 16; the server is 15."],
    [{ origin: "any", serverVersion: 15 }, "origin needs PostgreSQL 16; the server is 15."],
    [{ binary: true, serverVersion: 13 }, "binary needs PostgreSQL 14; the server is 13."],
  ] as const)("%j is refused, because the server is too old", (options, sentence) => {
    expect(() => startReplication({ ...demo, ...options })).toThrow(withCode("option_unsupported"));
    expect(() => startReplication({ ...demo, ...options })).toThrow(sentence);
  });

  test.each([{ protocolVersion: 5 }, { streaming: true }, { origin: "local" }, { binary: 1 }, { publications: [] }])(
    "%j is refused",
    (options) => {
      expect(() => startReplication({ ...demo, ...untyped<object>(options) })).toThrow(withCode("option_invalid"));
    },
  );

  test("a publication no server can have is refused", () => {
    const named = (name: string) => () => startReplication({ slot: "s", publications: [name] });
    expect(named("")).toThrow(withCode("identifier_invalid"));
    expect(named("p".repeat(64))).toThrow(withCode("identifier_invalid"));
    expect(named("p\0q")).toThrow(withCode("text_invalid"));
  });
});

describe("START_REPLICATION for any plugin", () => {
  test("quotes names and values, in the order given", () => {
    const pluginOptions = { "include-xids": "0", "it's": "a 'b' \\" };
    expect(startLogicalReplication({ slot: "s", startLsn: MAX_LSN, pluginOptions })).toBe(
      `START_REPLICATION SLOT "s" LOGICAL FFFFFFFF/FFFFFFFF ("include-xids" '0', "it's" 'a ''b'' \\')`,
    );
    expect(startLogicalReplication({ slot: "s" })).toBe('START_REPLICATION SLOT "s" LOGICAL 0/0');
  });

  test("refuses an LSN that is a JS number", () => {
    expect(() => startLogicalReplication({ slot: "s", startLsn: untyped(0) })).toThrow(withCode("lsn_out_of_range"));
  });
});

describe("START_REPLICATION of WAL", () => {
  test("needs neither slot nor timeline", () => {
    const startLsn = parseLsn("0/3000000");
    expect(startPhysicalReplication({ startLsn })).toBe("START_REPLICATION PHYSICAL 0/3000000");
    expect(startPhysicalReplication({ startLsn, slot: "p", timeline: 2 })).toBe(
      'START_REPLICATION SLOT "p" PHYSICAL 0/3000000 TIMELINE 2',
    );
  });

  test.each([0, -1, 1.5, 2 ** 32, "1; DROP"])("refuses timeline %s", (timeline) => {
    const run = () => startPhysicalReplication({ startLsn: parseLsn("0/1"), timeline: untyped(timeline) });
    expect(run).toThrow(withCode("option_invalid"));
  });
});
