import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const { packageManager, scripts, engines } = JSON.parse(read("package.json"));
const folder = ".github/workflows";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly steps: readonly Step[];
  readonly "timeout-minutes"?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly number[]; readonly server?: readonly number[] } };
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = readdirSync(new URL(`../${folder}`, import.meta.url)).map((name) => {
  const workflow: Workflow = parse(read(`${folder}/${name}`));
  return { name, workflow };
});
const workflowNamed = (name: string): Workflow => {
  const found = workflows.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no ${folder}/${name}.`);
  return found.workflow;
};
const steps = workflows.flatMap(({ workflow }) => Object.values(workflow.jobs).flatMap((job) => job.steps));

/** The scripts that a text asks pnpm for: `npx -y pnpm@1.2.3 test:unit` and `pnpm release`. */
const pnpmScripts = (text: string): readonly string[] =>
  [...text.matchAll(/(?:npx -y pnpm@[\d.]+|\bpnpm) ([a-z][\w:]*)/g)].map(([, name]) => name ?? "");

test("there are workflows, and each job has steps and a limit of time", () => {
  expect(workflows.map(({ name }) => name).sort()).toEqual(["ci.yml", "release.yml"]);
  for (const { workflow } of workflows) {
    for (const job of Object.values(workflow.jobs)) {
      expect(job.steps.length).toBeGreaterThan(0);
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
    }
  }
});

test("every command of a workflow exists", () => {
  const commands = steps.flatMap(({ run, with: inputs }) => [run, inputs?.["version"], inputs?.["publish"]]);
  const texts = commands.filter((text): text is string => typeof text === "string");
  const asked = texts.flatMap(pnpmScripts);
  expect(asked).toContain("matrix");
  expect(asked).toContain("release");
  for (const name of asked) expect(scripts).toHaveProperty([name]);
  expect(texts).toContain(".ci/run");
  expect(read(".ci/run")).toContain("pnpm check:packages");
});

test("the commands that .ci/run and the scripts themselves call exist", () => {
  const builtIn = ["run", "publish"];
  const called = [read(".ci/run"), ...Object.values<string>(scripts)].flatMap((text) =>
    [...text.matchAll(/\bpnpm (?:--?[\w=-]+ )*([a-z][\w:]*)/g)].map(([, name]) => name ?? ""),
  );
  expect(called).toContain("typecheck");
  for (const name of called) {
    if (!builtIn.includes(name) && !/bench|soak/.test(name)) expect(scripts).toHaveProperty([name]);
  }
});

test.each(["README.md", "CONTRIBUTING.md", "docs/platforms.md", `${folder}/ci.yml`, `${folder}/release.yml`])(
  "%s names the pnpm of package.json, and only scripts that it has",
  (path) => {
    const text = read(path);
    const versions = [...text.matchAll(/pnpm@[\d.]*\d/g)].map(([version]) => version);
    expect(versions.length).toBeGreaterThan(0);
    expect(new Set(versions)).toEqual(new Set([packageManager]));
    for (const [, name] of text.matchAll(/npx -y pnpm@[\d.]+ ([a-z][\w:]*)/g))
      expect(scripts).toHaveProperty([name ?? ""]);
  },
);

test("the example of CONTRIBUTING.md is a test that runs", () => {
  const example = read("packages/testing/test/contributing-example.pg.test.ts").trimEnd();
  const indented = example.replaceAll(/^(?=.)/gm, "   ");
  expect(read("CONTRIBUTING.md")).toContain(`\`\`\`ts\n${indented}\n   \`\`\`\n`);
});

test("CI covers every server and every line of Node that we say we support", () => {
  const { jobs } = workflowNamed("ci.yml");
  const matrix = jobs["servers"]?.strategy?.matrix;
  const versions = /postgresVersions = \[([\d, ]+)\]/.exec(read("packages/testing/src/postgres-version.ts"))?.[1];
  expect(matrix?.server?.join(", ")).toBe(versions);
  expect(matrix?.node).toEqual([20, 22, 24]);
  expect(jobs["everything"]?.strategy?.matrix.node).toEqual(matrix?.node);
  expect(engines.node).toBe(`>=${matrix?.node[0]}.19.0`);
});

test("CI may only read, and no job but the release may prove to npm who it is", () => {
  expect(workflowNamed("ci.yml").permissions).toEqual({ contents: "read" });
  expect(workflowNamed("release.yml").permissions).toEqual({});
  const proving = workflows.flatMap(({ name, workflow }) =>
    Object.values(workflow.jobs).flatMap(({ permissions }) => (permissions?.["id-token"] === "write" ? [name] : [])),
  );
  expect(proving).toEqual(["release.yml"]);
  expect(scripts.release).toContain("--provenance");
});

test("actions are used at a named version", () => {
  const used = steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
  expect(used.length).toBeGreaterThan(0);
  for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@(?:v\d+|[0-9a-f]{40})$/);
});
