/**
 * Checks what would be published, from the tarballs `pnpm publish` would send:
 * 1. publint (is what package.json promises in it?) and "are the types wrong?" (does TypeScript find the right types?);
 * 2. each package alone in an empty project: what it weighs, and the program that opens its README, type checked as a strict
 *    user does and run by plain Node, against a real server where it needs one;
 * 3. all of them in one project, imported and required by plain Node;
 * 4. the tutorial, done word for word with them.
 * Needs `pnpm build` first. It is part of `.ci/run`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answersWithHelp, curesAndTails } from "./commands.ts";
import { type Footprint, footprintTable, importTime, weigh } from "./footprint.ts";
import { servesItsPage } from "./inspector-page.ts";
import { holdsUp, knownBadGoesRed } from "./lint.ts";
import { type Packed, packAll, withNeeds } from "./pack.ts";
import { importsEverywhere, supervisesAlone } from "./plain-javascript.ts";
import { addNodeTypes, copyInto, emptyProject } from "./project.ts";
import { compileProgram, readmeProgram, runReadmeProgram } from "./readme-program.ts";
import { check, failed } from "./report.ts";
import { bin, root, run } from "./repository.ts";

/** Shows that an installed package works. `all` is a project with every package in it. */
type Use = (project: string, packed: Packed, all: string) => Promise<void>;

const readme: Use = (project, { name }) => runReadmeProgram(project, name);
/** For programs that start a server, or use packages above their own. */
const readmeInAll: Use = (_project, { name }, all) => runReadmeProgram(all, name);

const uses: Readonly<Record<string, readonly [string, Use][]>> = {
  "@trunkline/process": [["the README's program", readme]],
  "@trunkline/protocol": [["the README's program", readme]],
  "@trunkline/supervisor": [
    ["the README's program", readme],
    ["a crashed child comes back, in plain JavaScript", (project) => supervisesAlone(project)],
  ],
  "@trunkline/testing": [["the README's program on a real server", readme]],
  "@trunkline/replication": [["the README's program on a real server", readmeInAll]],
  "@trunkline/subscription": [["the README's program on a real server", loopsOverOrders]],
  "@trunkline/inspector": [["its page answers", servesItsPage]],
  "@trunkline/cli": [
    ["its command answers", answersWithHelp],
    ["a server is cured by doctor's advice, and tailed", (_project, _packed, all) => curesAndTails(all)],
  ],
};

/** The program runs where nothing but @trunkline/subscription is; the server comes from the other project. */
async function loopsOverOrders(project: string, { name }: Packed, all: string): Promise<void> {
  const program = await readmeProgram(project, name);
  const file = await compileProgram(project, program);
  const driver = await copyInto(all, "orders-loop.mjs");
  const { stdout } = await run(process.execPath, [driver, file], { timeout: 120_000 });
  if (stdout !== program.output) throw new Error(`The program printed\n${stdout}instead of\n${program.output}`);
}

/** What a reader of docs/tutorial.md does, with these packages, installed by npm. */
async function followsTutorial(tarballs: string): Promise<void> {
  const program = join(root, "apps", "example", "src", "tutorial", "packed.ts");
  await run(bin("tsx"), ["--conditions=@trunkline/source", program, tarballs], { cwd: root, timeout: 600_000 });
}

/** All that is checked of one package; answers with the project in which it is alone. */
async function checkPackage(one: Packed, packed: readonly Packed[], all: string): Promise<Alone | undefined> {
  await check(`${one.name}: publint, attw (${one.dependencies.length} dependencies)`, () => holdsUp(one.tarball));
  const project = join(folder, one.name);
  const weight = await check(`${one.name}: installs alone`, async () => {
    await emptyProject(project, withNeeds(packed, one.name));
    return weigh(project);
  });
  if (weight === undefined) return undefined;
  await addNodeTypes(project);
  for (const [what, use] of uses[one.name] ?? [["is used", unused]]) {
    await check(`${one.name}: ${what}`, () => use(project, one, all));
  }
  return { one, project, weight };
}

async function unused(): Promise<never> {
  throw new Error("Nothing here uses this package: name a program of its in tools/check-packages/main.ts.");
}

interface Alone {
  readonly one: Packed;
  readonly project: string;
  readonly weight: Awaited<ReturnType<typeof weigh>>;
}

const folder = await mkdtemp(join(tmpdir(), "trunkline-packed-"));
try {
  await check("the known-bad package goes red", () => knownBadGoesRed(join(folder, "known-bad")));
  const packed = await packAll(folder);
  const all = await emptyProject(join(folder, "all"), packed);
  await addNodeTypes(all);
  const waiting = [...packed];
  const alone: Alone[] = [];
  const lane = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const checked = await checkPackage(one, packed, all);
      if (checked !== undefined) alone.push(checked);
    }
  };
  const tutorial = check("the tutorial, word for word", () => followsTutorial(folder));
  await Promise.all([lane(), lane(), tutorial]); // most of it is waiting for npm and tsc
  await check("all packages in one project: imported and required by Node, type checked", () =>
    importsEverywhere(all, packed),
  );
  const rows: Footprint[] = [];
  for (const { one, project, weight } of alone.sort((a, b) => a.one.name.localeCompare(b.one.name))) {
    const importMs = await check(`${one.name}: import time`, () => importTime(project, one));
    rows.push({ name: one.name, ...weight, importMs: importMs ?? Number.NaN });
  }
  process.stdout.write(`\n${footprintTable(rows)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed() === 0 ? 0 : 1;
