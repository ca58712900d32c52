/**
 * Runs the suites of `replication` and `subscription` on every supported server (PostgreSQL 14 to 18, on the Node that
 * runs this), then on Node 22 and 24 with the newest server. Too long for `.ci/run`: it is part of `pnpm soak`, and on GitHub
 * every server is a job of its own, under each Node.
 *
 * `pnpm matrix` runs all; `pnpm matrix 14 node22` what is named.
 */
import { execFile, spawn } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const servers = ["14", "15", "16", "17", "18"];
const nodes = ["22", "24"];
const suites = ["packages/replication", "packages/subscription"];

interface Column {
  readonly title: string;
  readonly node: string;
  readonly server: string;
  readonly projects: readonly string[];
}

/** The path of a Node of another major version, from npm: the packages ship the binary. */
async function nodeOf(major: string): Promise<string> {
  const folder = join(tmpdir(), `trunkline-node-${major}`);
  const binary = join(folder, "node_modules", `node-${platform()}-${arch()}`, "bin", "node");
  try {
    await access(binary);
  } catch {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), '{ "private": true }\n');
    const name = `node-${platform()}-${arch()}@${major}`;
    await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", name], { cwd: folder });
  }
  return binary;
}

/** Runs the suite once and counts. Its output goes to the terminal as it comes. */
async function runSuite({ node, server, projects }: Column): Promise<{ passed: number; failed: number }> {
  const folder = await mkdtemp(join(tmpdir(), "trunkline-matrix-"));
  const report = join(folder, "report.json");
  try {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const args = [vitest, "run", ...projects.flatMap((project) => ["--project", project]), ...suites];
    const child = spawn(node, [...args, "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`], {
      cwd: root,
      env: { ...process.env, TRUNKLINE_TEST_POSTGRES_VERSION: server },
      stdio: ["ignore", "inherit", "inherit"],
    });
    await new Promise((resolve) => child.once("close", resolve));
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(await readFile(report, "utf8"));
    const unloaded = testResults.filter(
      (file: { status: string; assertionResults: unknown[] }) =>
        file.status === "failed" && file.assertionResults.length === 0,
    ).length;
    return { passed: numPassedTests, failed: numFailedTests + unloaded };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const asked = process.argv.slice(2).filter((argument) => argument !== "--");
const wanted = (name: string): boolean => asked.length === 0 || asked.includes(name);
const columns: Column[] = [];
for (const server of servers.filter(wanted)) {
  const title = `Node ${process.versions.node}, PostgreSQL ${server}`;
  columns.push({ title, node: process.execPath, server, projects: ["pg"] });
}
for (const major of nodes.filter((name) => wanted(`node${name}`))) {
  const node = await nodeOf(major);
  const { stdout } = await promisify(execFile)(node, ["--version"]);
  const title = `Node ${stdout.trim().slice(1)}, PostgreSQL 18`;
  columns.push({ title, node, server: "18", projects: ["unit", "pg"] });
}
if (columns.length === 0) {
  process.stderr.write(`Nothing to run: name some of ${[...servers, ...nodes.map((n) => `node${n}`)].join(", ")}.\n`);
  process.exit(2);
}
const lines: string[] = [];
let failures = 0;
for (const column of columns) {
  const { passed, failed } = await runSuite(column);
  failures += failed;
  lines.push(`${column.title}: ${passed} passed, ${failed} failed`);
}
process.stdout.write(`\n${lines.join("\n")}\n`);
process.exitCode = failures === 0 ? 0 : 1;
