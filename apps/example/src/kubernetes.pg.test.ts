import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type PostgresServer, startPostgres, type TestDatabase } from "@trunkline/testing";
import { expect, test } from "vitest";
import { parse } from "yaml";

const program = fileURLToPath(new URL("kubernetes/service.ts", import.meta.url));
const page = await readFile(new URL("../../../docs/guides/kubernetes.md", import.meta.url), "utf8");

/** A pod: the program, what it prints, and the answers of its probes. */
class Pod implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor({ url }: TestDatabase) {
    const env = { ...process.env, DATABASE_URL: url, HEALTH_PORT: "0" };
    const stdio = ["ignore", "pipe", "inherit"] as const;
    const child = spawn(process.execPath, ["--import", "tsx", "--conditions=@trunkline/source", program], {
      stdio: [...stdio],
      env,
    });
    createInterface({ input: child.stdout }).on("line", (line) => this.lines.push(line));
    this.#child = child;
    this.#ended = once(child, "exit");
  }

  async probe(path: string): Promise<{ status: number; text: string }> {
    const port = /on port (\d+)/.exec(this.lines.join("\n"))?.[1];
    if (port === undefined) return { status: 0, text: "" };
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  }

  async becomes(state: string): Promise<void> {
    await expect
      .poll(async () => (await this.probe("/readyz")).text, { timeout: 30_000 })
      .toContain(`"state":"${state}"`);
  }

  async terminate(): Promise<unknown> {
    this.#child.kill("SIGTERM");
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

async function shop(server: PostgresServer): Promise<TestDatabase> {
  const database = await server.database();
  await database.query("CREATE TABLE orders (id int PRIMARY KEY)");
  return database;
}

test("in a rolling deploy the new pod is ready while it stands by, and goes on where the old one stopped", async () => {
  await using server = await startPostgres(); // of its own: the slot's name is fixed, and slots belong to the whole server
  await using database = await shop(server);
  await using old = new Pod(database);
  await old.becomes("streaming");
  await database.query("INSERT INTO orders VALUES (1)");
  await using fresh = new Pod(database);
  await fresh.becomes("standingBy");
  expect(await fresh.probe("/readyz")).toMatchObject({ status: 200 });
  expect(await fresh.probe("/livez")).toEqual({ status: 200, text: "alive\n" });
  await expect.poll(() => old.lines).toContain("order 1");
  expect(await old.terminate()).toEqual([0, null]);
  await database.query("INSERT INTO orders VALUES (2)");
  await fresh.becomes("streaming");
  await expect.poll(() => fresh.lines, { timeout: 30_000 }).toContain("order 2");
  expect(fresh.lines).not.toContain("order 1");
});

test("a pod whose server is away is alive and not ready, and says why", async () => {
  await using server = await startPostgres();
  await using database = await shop(server);
  await using pod = new Pod(database);
  await pod.becomes("streaming");
  await server.stop("immediate");
  await expect.poll(async () => (await pod.probe("/readyz")).status, { timeout: 30_000 }).toBe(503);
  expect((await pod.probe("/readyz")).text).toContain('"lastError":{"code":');
  expect((await pod.probe("/livez")).status).toBe(200);
  await server.start();
  await pod.becomes("streaming");
});

test("the Deployment of the guide probes the paths that are answered, and gives the shutdown its time", () => {
  const [, yaml = ""] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const { spec } = (parse(yaml) as Deployment).spec.template;
  const [container] = spec.containers;
  expect([container?.livenessProbe.httpGet.path, container?.readinessProbe.httpGet.path]).toEqual([
    "/livez",
    "/readyz",
  ]);
  expect(container?.livenessProbe.httpGet.port).toBe(8080);
  expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(30); // `signals: true` allows itself 30 s
});

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: number };
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly { readonly livenessProbe: Probe; readonly readinessProbe: Probe }[];
      };
    };
  };
}
