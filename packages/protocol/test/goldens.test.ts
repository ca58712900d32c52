import { describe, expect, test } from "vitest";
import {
  asEpochMicros,
  ByteReader,
  createChangeDecoder,
  createPgoutputDecoder,
  type DecodedMessage,
  fillUnchangedToast,
  messageTags,
  unchangedToast,
  unixMicrosFromClock,
  X_LOG_DATA_HEADER_BYTES,
} from "../src/index.ts";
import { type Golden, golden, goldens, goldenVersions, kindOf } from "./goldens.ts";
import { showMessage } from "./show-message.ts";

const always = [
  ...(["begin", "commit", "origin", "relation", "type", "insert", "update", "delete", "truncate", "message"] as const),
  ...(["streamStart", "streamStop", "streamCommit", "streamAbort"] as const),
];
const twoPhase = ["beginPrepare", "prepare", "commitPrepared", "rollbackPrepared", "streamPrepare"] as const;

/** Whether a server of this version can send this kind of message at all. */
const sends = (version: number, kind: string): boolean => version >= 15 || !twoPhase.some((one) => one === kind);

describe("what real servers sent", () => {
  test("there are goldens of every supported version", () => {
    expect(goldenVersions).toEqual([14, 15, 16, 17, 18]);
  });

  test("the table of kinds is the whole of the message union", () => {
    expect([...always, ...twoPhase].sort()).toEqual(Object.keys(messageTags).sort());
  });

  describe.each(goldenVersions)("of PostgreSQL %i", (version) => {
    const messages = goldens.filter((one) => one.version === version).flatMap((one) => one.messages);
    const seen = new Set(messages.map(kindOf));

    test.each([...always, ...twoPhase].filter((kind) => sends(version, kind)))("a golden has %s", (kind) => {
      expect(seen).toContain(kind);
    });

    test("a golden has every message that bears an xid inside a stream", () => {
      const inStreams = new Set<string>();
      for (const golden of goldens.filter((one) => one.version === version)) {
        const decoder = createPgoutputDecoder();
        for (const bytes of golden.messages) {
          const message = decoder.decode(bytes);
          if ("xid" in message && message.xid !== null && decoder.streamXid !== null) inStreams.add(message.kind);
        }
      }
      expect(inStreams).toEqual(
        new Set(["streamStart", "relation", "type", "insert", "update", "delete", "truncate", "message"]),
      );
    });
  });

  test.each(goldenVersions.filter((version) => version >= 16))(
    "PostgreSQL %i tells where and when a streamed transaction aborted if streaming is parallel, and only then",
    (version) => {
      const fields = (name: string) => {
        const decoder = createPgoutputDecoder();
        const found = goldens.find((golden) => golden.version === version && golden.name === name)?.messages ?? [];
        const aborts = found.map((bytes) => decoder.decode(bytes)).filter((message) => message.kind === "streamAbort");
        return aborts.map(({ xid, subxid, abort }) => ({ whole: xid === subxid, tells: abort !== null }));
      };
      expect(fields("stream-parallel")).toEqual([
        { whole: false, tells: true },
        { whole: true, tells: true },
      ]);
      expect(fields("stream-version-4")).toEqual([
        { whole: false, tells: false },
        { whole: true, tells: false },
      ]);
    },
  );

  test.each(goldens)("$version/$name decodes to what was written", async ({ version, name, messages }) => {
    const decoder = createChangeDecoder();
    const shown = messages.map((bytes) => `${showMessage(decoder.decode(bytes))}\n`);
    await expect(shown.join("")).toMatchFileSnapshot(`goldens/${version}/${name}.expected`);
  });

  test.each(goldens)("$version/$name decodes from inside XLogData too", ({ messages, xLogData }) => {
    const plain = createChangeDecoder();
    const inside = createChangeDecoder();
    const expected = messages.map((bytes) => showMessage(plain.decode(bytes)));
    expect(xLogData.map((bytes) => showMessage(inside.decode(bytes, X_LOG_DATA_HEADER_BYTES)))).toEqual(expected);
  });

  test.each(goldens)(
    "$version/$name has the same kinds, relations and tuples when rows are left undecoded",
    (golden) => {
      const plain = createPgoutputDecoder();
      const rows = createChangeDecoder();
      for (const bytes of golden.messages) {
        const message = plain.decode(bytes);
        const decoded = rows.decode(bytes);
        expect(message.kind).toBe(decoded.kind);
        expect(plain.streamXid).toBe(rows.streamXid);
        if (message.kind === "insert" && decoded.kind === "insert") {
          expect(message.relationId).toBe(decoded.relation.id);
          expect(message.new).toHaveLength(decoded.relation.columns.length);
          const values = Object.values(decoded.new);
          expect(message.new.filter((column, at) => column.kind === "null" && values[at] !== null)).toEqual([]);
        }
      }
    },
  );
});

describe.each(goldenVersions)("in the rows of PostgreSQL %i", (version) => {
  const rows = decodeAll(golden(version, "rows"));

  test("an unchanged TOASTed value is filled from the old row under replica identity full", () => {
    const update = rows.find((one) => one.kind === "update" && one.relation.name === "toasted_whole");
    if (update?.kind !== "update" || update.old === null) throw new Error("no such update");
    expect(update.new["big"]).toBe(unchangedToast);
    expect(fillUnchangedToast(update.new, update.old.row)).toEqual({ id: 1, n: 2, big: "b".repeat(2100) });
  });

  test("times with odd zones are the instants that were written", () => {
    const written = ["1800-01-01T00:00:00Z", "2026-11-22T00:00:00.5Z", "-000043-03-15T00:00:00Z"];
    const read = decodeAll(golden(version, "zones")).flatMap((one) => (one.kind === "insert" ? [one.new["at"]] : []));
    expect(read.map((text) => asEpochMicros(String(text)))).toEqual([
      ...written.map((text) => BigInt(new Date(text).getTime()) * 1000n),
      Number.POSITIVE_INFINITY,
    ]);
  });

  test("times in text form are the microseconds of their binary form", () => {
    const texts = decodeAll(golden(version, "values")).filter((one) => one.kind === "insert");
    const decoder = createPgoutputDecoder();
    const binaries = golden(version, "values-binary").messages.map((bytes) => decoder.decode(bytes));
    const compared = binaries
      .filter((one) => one.kind === "insert")
      .flatMap((binary, index) => {
        const text = texts[index];
        if (text === undefined) throw new Error("fewer rows in text than in binary form");
        return text.relation.columns.flatMap(({ name, typeOid }, at) => {
          const value = binary.new[at];
          if ((typeOid !== 1114 && typeOid !== 1184) || value?.kind !== "binary") return [];
          const clock = new ByteReader(value.bytes).int64();
          return [[asEpochMicros(String(text.new[name])), unixMicrosFromClock(clock)] as const];
        });
      });
    expect(compared.length).toBeGreaterThan(8);
    for (const [fromText, fromBinary] of compared) expect(fromText).toBe(fromBinary);
  });
});

function decodeAll({ messages }: Golden): readonly DecodedMessage[] {
  const decoder = createChangeDecoder();
  return messages.map((bytes) => decoder.decode(bytes));
}
