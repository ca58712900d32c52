import { readdirSync, readFileSync } from "node:fs";

/** A test whose name begins with the rules or cases it shows: `R83, PX-37: the wait doubles`. */
export interface NamedTest {
  readonly rules: readonly string[];
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
}

/** What is claimed of one rule. A note says why it differs or does not apply. */
export interface Claim {
  readonly rule: string;
  readonly status: "holds" | "differs" | "n/a";
  readonly note?: string;
}

const repository = new URL("../", import.meta.url);

/** The tests of these packages that name rules or cases, in the order of their files. */
export function namedTests(packages: readonly string[]): readonly NamedTest[] {
  return packages.flatMap((name) => {
    const root = new URL(`packages/${name}/`, repository);
    return readdirSync(root, { recursive: true, encoding: "utf8" })
      .map((file) => file.replaceAll("\\", "/"))
      .filter((file) => file.endsWith(".test.ts") && /^(src|test)\//.test(file))
      .sort()
      .flatMap((file) => testsIn(readFileSync(new URL(file, root), "utf8"), `packages/${name}/${file}`));
  });
}

/** The tests of one source text that name rules or cases. */
export function testsIn(source: string, file: string): readonly NamedTest[] {
  const calls =
    /^\s*test(?:\.each\((?:(?!\btest\b)[\s\S])*?\))?\(\s*(["'`])((?:(?:[A-Z]\d+|P[RX]-\d\d)(?:, | )?)+): ((?:\\.|(?!\1).)*)\1/gm;
  return [...source.matchAll(calls)].map(([, , labels = "", name = ""]) => ({
    rules: labels.split(/, | /),
    name: name.replaceAll(/\$\{(\w+)[^}]*\}/g, "‹$1›").replaceAll('\\"', '"'),
    file,
  }));
}

/** The tests of one rule as a cell of a table on a page in `docs/reference`: names, and a link to each file. */
export function testsCell(rule: string, tests: readonly NamedTest[]): string {
  const shown = tests.filter((test) => test.rules.includes(rule));
  return [...new Set(shown.map(({ file }) => file))]
    .map((file) => {
      const names = shown.filter((test) => test.file === file).map(({ name }) => tableCell(name));
      return `${names.join("; ")} ([${file.split("/").at(-1)}](../../${file}))`;
    })
    .join("<br>");
}

/** Text that can stand in a table of Markdown. */
export const tableCell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** Rules that are claimed and shown by no test, of which nothing is claimed, or that differ without a reason. */
export function unshown(
  rules: readonly string[],
  claims: ReadonlyMap<string, Claim>,
  tests: readonly NamedTest[],
): readonly string[] {
  const shown = new Set(tests.flatMap((test) => test.rules));
  return rules.filter((rule) => {
    const claim = claims.get(rule);
    if (claim === undefined) return true;
    if (claim.status !== "holds" && claim.note === undefined) return true;
    return claim.status !== "n/a" && !shown.has(rule);
  });
}
