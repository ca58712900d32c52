import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const folders = readdirSync(new URL("../packages", import.meta.url)).sort();
const manifests = folders.map((folder) => ({ folder, manifest: JSON.parse(read(`packages/${folder}/package.json`)) }));

test.each(manifests)(
  "packages/$folder says whose it is, where it lives and what it is about",
  ({ folder, manifest }) => {
    expect(manifest).toMatchObject({
      name: `@trunkline/${folder}`,
      author: "The Trunkline authors",
      license: "Apache-2.0",
      type: "module",
      homepage: `https://github.com/trunkline/trunkline/tree/main/packages/${folder}#readme`,
      bugs: "https://github.com/trunkline/trunkline/issues",
      repository: { type: "git", directory: `packages/${folder}` },
      engines: JSON.parse(read("package.json")).engines,
      publishConfig: { access: "public", provenance: true },
    });
    expect(manifest.description).toMatch(/\.$/);
    expect(manifest.keywords.length).toBeGreaterThan(3);
  },
);

test.each(manifests)(
  "what packages/$folder publishes is there, and its changelog knows its version",
  ({ folder, manifest }) => {
    for (const file of manifest.files) {
      if (file !== "dist") expect(existsSync(new URL(`../packages/${folder}/${file}`, import.meta.url))).toBe(true);
    }
    expect(manifest.files).toEqual(expect.arrayContaining(["dist", "README.md", "CHANGELOG.md", "LICENSE"]));
    expect(read(`packages/${folder}/LICENSE`)).toBe(read("LICENSE"));
    expect(read(`packages/${folder}/CHANGELOG.md`)).toMatch(`# ${manifest.name}\n\n## ${manifest.version}\n`);
  },
);

test("all packages have one version, and the next release keeps it so", () => {
  expect(new Set(manifests.map(({ manifest }) => manifest.version)).size).toBe(1);
  const config = JSON.parse(read(".changeset/config.json"));
  expect(config.fixed).toEqual([manifests.map(({ manifest }) => manifest.name)]);
  expect(config).toMatchObject({ access: "public", baseBranch: "main", privatePackages: { version: false } });
});
