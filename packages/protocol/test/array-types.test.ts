import { expect, test } from "vitest";
import { arrayTypes, typeOid } from "../src/rows/type-oids.ts";
import { goldenVersions, readGoldenFile } from "./goldens.ts";

interface CatalogType {
  readonly name: string;
  readonly oid: number;
  readonly array: number;
  readonly delimiter: string;
}

const catalogs = goldenVersions.map((version) => ({
  version,
  types: JSON.parse(readGoldenFile(version, "array-types.json").toString()) as readonly CatalogType[],
}));

test.each(catalogs)("the array types are those of the catalog of PostgreSQL $version", ({ types }) => {
  const known = new Map(arrayTypes);
  expect(types.filter(({ oid, array }) => known.get(oid) !== array).map(({ name }) => name)).toEqual([]);
});

test.each(catalogs)(
  "box is the only type of PostgreSQL $version whose arrays are not divided by commas",
  ({ types }) => {
    expect(types.filter(({ delimiter }) => delimiter !== ",").map(({ oid }) => oid)).toEqual([typeOid.box]);
  },
);

test("every array type is known to some version", () => {
  const all = new Set(catalogs.flatMap(({ types }) => types.map(({ oid }) => oid)));
  expect(arrayTypes.filter(([element]) => !all.has(element))).toEqual([]);
});

test.each(catalogs)("the types that rows are decoded by bear their names in PostgreSQL $version", ({ types }) => {
  const names = new Map(types.map(({ name, oid }) => [oid, name]));
  for (const [name, oid] of Object.entries(typeOid)) expect(names.get(oid)).toBe(name);
});
