import { describe, expect, test } from "vitest";
import { createChangeDecoder, createPgoutputDecoder, messageTags, X_LOG_DATA_HEADER_BYTES } from "../src/index.ts";
import { goldens, goldenVersions, kindOf } from "./goldens.ts";
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
    const messages = goldens.filter((golden) => golden.version === version).flatMap((golden) => golden.messages);
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
