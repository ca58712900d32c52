import { describe, expect, test } from "vitest";
import { createChangeDecoder, type DecodedMessage } from "../src/index.ts";
import { type Golden, golden, goldenVersions } from "./goldens.ts";

/** The types whose binary form stays bytes: tid, geometry, network addresses, money, bits, interval, tsvector, ranges, xid8. */
const leftAsBytes: ReadonlySet<number> = new Set([
  27, 600, 602, 603, 628, 650, 718, 790, 829, 869, 1020, 1186, 1560, 1562, 3614, 3904, 3905, 3908, 4451, 5069,
]);

type Insert = Extract<DecodedMessage, { kind: "insert" }>;

function inserts({ messages }: Golden): readonly Insert[] {
  const decoder = createChangeDecoder();
  return messages.map((bytes) => decoder.decode(bytes)).filter((message) => message.kind === "insert");
}

describe.each(goldenVersions)("the binary values of PostgreSQL %i", (version) => {
  const texts = inserts(golden(version, "values"));
  const binaries = inserts(golden(version, "values-binary"));

  test("are the same as the text ones, or bytes where that can't be told exactly", () => {
    expect(binaries).toHaveLength(texts.length);
    const compared = new Set<number>();
    for (const [index, text] of texts.entries()) {
      for (const { name, typeOid } of text.relation.columns) {
        const value = binaries[index]?.new[name];
        if (leftAsBytes.has(typeOid) || typeOid >= 16384) {
          if (text.new[name] !== null) expect(value, name).toBeInstanceOf(Uint8Array);
        } else {
          expect(value, `${name} (type ${typeOid})`).toEqual(text.new[name]);
          compared.add(typeOid);
        }
      }
    }
    expect(compared.size).toBeGreaterThan(30);
  });
});
