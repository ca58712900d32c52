import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { silentLogger } from "@trunkline/process";
import { afterEach, expect, test } from "vitest";
import { createActor, createMachine } from "xstate";
import { PageClient } from "../../test/page-client.ts";
import { type Inspector, startInspector } from "../start-inspector.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function inspected(): Promise<Inspector> {
  const actor = createActor(createMachine({ id: "any" })).start();
  const started = await startInspector(actor, { port: 0, token: "the right one", logger: silentLogger });
  undo.push(() => started.close());
  return started;
}

function open(url: string, headers: Record<string, string> = {}): PageClient {
  const page = new PageClient(url, { headers });
  undo.push(() => page.close());
  return page;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Asks as no browser would: any path, method and host, unchanged. */
async function ask(port: number, path: string, method = "GET", headers: Record<string, string> = {}): Promise<Answer> {
  const sent = request({ host: "127.0.0.1", port, path, method, headers });
  sent.end();
  const [response] = (await once(sent, "response")) as [import("node:http").IncomingMessage];
  response.setEncoding("utf8");
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, headers: response.headers, body };
}

/** The first line of what is answered to an upgrade. */
async function upgrade(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const lines = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Version": "13", ...headers };
  const head = Object.entries({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", ...lines });
  socket.write(`GET ${path} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
  const [data] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return String(data).split("\r\n")[0] ?? "";
}

test("a wrong token is told to the page by the code that it takes for an expired link, and nothing else is sent", async () => {
  const { url } = await inspected();
  for (const token of ["wrong", "", "the right onE"]) {
    const page = open(url.replace(/token=.*/, `token=${token}`));
    expect(await page.closed()).toBe(4401);
    expect(page.frames).toEqual([]);
  }
});

test("a page of another origin gets no socket, even with the token", async () => {
  const { port } = await inspected();
  const host = `127.0.0.1:${port}`;
  const path = "/ws?token=the+right+one";
  expect(await upgrade(port, path, { Host: host, Origin: "https://evil.example" })).toContain(" 403 ");
  expect(await upgrade(port, path, { Host: host, Origin: "null" })).toContain(" 403 ");
  expect(await upgrade(port, path, { Host: host, Origin: `http://${host}` })).toContain(" 101 ");
});

test("a name that was pointed at this machine gets neither page nor socket", async () => {
  const { port } = await inspected();
  expect(await upgrade(port, "/ws?token=the+right+one", { Host: `evil.example:${port}` })).toContain(" 403 ");
  expect((await ask(port, "/", "GET", { host: `evil.example:${port}` })).status).toBe(403);
  expect((await ask(port, "/", "GET", { host: "localhost:9000" })).status).toBe(200);
  expect((await ask(port, "/", "GET", { host: "[::1]:9000" })).status).toBe(200);
});

test("a socket is opened at its own path only", async () => {
  const { port } = await inspected();
  expect(await upgrade(port, "/other?token=the+right+one", { Host: `127.0.0.1:${port}` })).toContain(" 404 ");
});

test.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s is refused: the inspector only shows", async (method) => {
  const { port } = await inspected();
  const { status, headers } = await ask(port, "/", method);
  expect([status, headers["allow"]]).toEqual([405, "GET, HEAD"]);
});

test.each([
  "/../package.json",
  "/../src/wire.ts",
  "/%2e%2e/package.json",
  "/..%2fpackage.json",
  "/css/../../package.json",
  "/css//style.css",
  "/.hidden.js",
  "//etc/passwd",
  "/index.html%00.js",
  "/css",
  "/nothing.js",
  "/vendor/nothing.js",
  "/main.js/",
])("%s leads nowhere", async (path) => {
  const { port } = await inspected();
  expect((await ask(port, path)).status).toBe(404);
});

test("every file comes uncached, with a policy that loads nothing from elsewhere and tells nobody the address", async () => {
  const { port } = await inspected();
  for (const path of ["/", "/main.js", "/style.css", "/vendor/preact.js", "/vendor/htm.js"]) {
    const { status, headers } = await ask(port, path);
    expect(status, path).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
  }
});

test("modules of others need nothing that is not served", async () => {
  const { port } = await inspected();
  for (const path of ["/vendor/preact.js", "/vendor/htm.js"]) {
    const { body } = await ask(port, path);
    expect(body).not.toMatch(/\bimport\b|\bfrom\s*["']/);
    expect(body).not.toContain("sourceMappingURL");
  }
});

test("the token is in no file", async () => {
  const { port } = await inspected();
  for (const path of ["/", "/main.js"]) expect((await ask(port, path)).body).not.toContain("the right one");
});

test.each([
  ["no JSON", "{"],
  ["no frame", "[]"],
  ["a frame of another kind", '{"t":"control","op":"kill"}'],
  ["a wrong number", '{"t":"seen","seq":"1"}'],
  ["no ref", '{"t":"select"}'],
])("%s ends the connection with a code", async (_what, text) => {
  const page = open((await inspected()).url);
  await page.frame("hello");
  page.socket.send(text);
  expect(await page.closed()).toBe(4400);
});

test("bytes end the connection with a code", async () => {
  const page = open((await inspected()).url);
  await page.frame("hello");
  page.socket.send(Buffer.from('{"t":"seen","seq":1}'));
  expect(await page.closed()).toBe(4400);
});

test("a frame that is too long is not read", async () => {
  const page = open((await inspected()).url);
  await page.frame("hello");
  page.socket.send(JSON.stringify({ t: "select", ref: "x".repeat(5000) }));
  expect(await page.closed()).toBe(1009);
});

test("a page that floods is cut off", async () => {
  const page = open((await inspected()).url);
  await page.frame("hello");
  for (let frame = 0; frame < 500; frame += 1) page.send({ t: "select", ref: null });
  expect(await page.closed()).toBe(4429);
});

test("who does not know the token takes no place of a page, even by never hanging up", async () => {
  const { port, url } = await inspected();
  const headers = { Host: `127.0.0.1:${port}`, Upgrade: "websocket", Connection: "Upgrade" };
  const key = { "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };
  for (let stranger = 0; stranger < 20; stranger += 1) {
    const sent = request({ host: "127.0.0.1", port, path: "/ws?token=wrong", headers: { ...headers, ...key } }).end();
    const [, socket] = (await once(sent, "upgrade")) as [unknown, import("node:net").Socket];
    undo.push(() => socket.destroy());
  }
  await open(url).frame("tree");
});

test("there are at most 16 pages, and one that closes makes room", async () => {
  const { url } = await inspected();
  const pages = Array.from({ length: 16 }, () => open(url));
  for (const page of pages) await page.frame("tree");
  expect(await open(url).closed()).toBe(1013);
  const closed = pages[0]?.closed();
  pages[0]?.close();
  await closed;
  // The server hears of it when it hears of it.
  for (;;) {
    const page = open(url);
    const outcome = await Promise.race([page.frame("tree"), page.closed()]);
    if (typeof outcome === "object") break;
  }
});
