import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import type {
  AuthenticationErrorCode,
  Callbacks,
  ChildSpecDefaults,
  ConfigErrorCode,
  ConnectionErrorKind,
  Instruction,
  ProtocolMisuseCode,
  QueryOptions,
  ReplicationErrorCode,
  ReplicationOptions,
  StartLinkOptions,
  StreamOptions,
} from "../src/index.ts";
import { replicationChannelNames } from "../src/index.ts";
import { connectionOptionNames } from "../src/options/parse-options.ts";
import { replicationOptionNames } from "../src/options/parse-replication-options.ts";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");
const readme = read("../README.md");

/** The part of the page under a heading, up to the next one. */
function section(heading: string): string {
  const [, text = ""] = readme.split(`\n${heading}\n`);
  return text.split(/\n##+ /)[0] ?? "";
}

/** The code at the beginning of each row of a section's table; what follows the first word of it is left out. */
const rows = (text: string) => [...text.matchAll(/^\| `([\w:-]+)[^|]*\|/gm)].map(([, name]) => name ?? "").sort();

/** The row of an error, with all its codes. */
const codes = (error: string) =>
  [...(new RegExp(`^\\| \`${error}\`(.*)$`, "m").exec(section("## Errors"))?.[1] ?? "").matchAll(/`(\w+)`/g)]
    .map(([, code]) => code ?? "")
    .sort();

/** Every name of a type: one that is added or taken away does not compile here. */
const every = <Name extends PropertyKey>(names: Readonly<Record<Name, true>>): string[] => Object.keys(names).sort();

test("the tables of options have a row for every option the parser knows, here or on the page of connection options", () => {
  const startOnly = every<Exclude<keyof StartLinkOptions, keyof ReplicationOptions>>({
    parent: true,
    id: true,
    signal: true,
    inspect: true,
    runtime: true,
  });
  const own = replicationOptionNames.filter((name) => !connectionOptionNames.includes(name));
  expect(rows(section("## Options"))).toEqual([...own, ...startOnly].sort());
});

test("the tables of callbacks, instructions and child specs are complete", () => {
  const callbacks = every<keyof Callbacks<unknown, unknown, unknown, unknown>>({
    init: true,
    handleConnect: true,
    handleDisconnect: true,
    handleData: true,
    handleBytes: true,
    handleInfo: true,
    handleCall: true,
    handleResult: true,
    handleStreamStart: true,
    formatStatus: true,
  });
  const instructions = every<Instruction<unknown>["type"] | "ignore">({
    noreply: true,
    query: true,
    stream: true,
    stopStream: true,
    pause: true,
    resume: true,
    disconnect: true,
    stop: true,
    ignore: true,
  });
  expect(rows(section("## Callbacks"))).toEqual([...callbacks, ...instructions].sort());
  const spec = every<keyof ChildSpecDefaults>({
    id: true,
    restart: true,
    shutdown: true,
    significant: true,
    startTimeoutMs: true,
  });
  expect(rows(section("## Under a supervisor"))).toEqual(spec);
  const ofStream = every<keyof StreamOptions>({
    maxMessages: true,
    highWaterBytes: true,
    highWaterMessages: true,
    timeoutMs: true,
  });
  const ofQuery = every<keyof QueryOptions>({ timeoutMs: true, signal: true });
  expect(rows(section("### Options of `query` and `stream`"))).toEqual([...ofStream, ...ofQuery].sort());
});

test("the tables of errors and channels are complete", () => {
  const replication = every<ReplicationErrorCode>({
    bad_return: true,
    bad_init: true,
    missing_callback: true,
    not_connected: true,
    stream_in_progress: true,
    no_stream: true,
    liveness_timeout: true,
    stream_start_timeout: true,
    reconnect_attempts_exhausted: true,
    aborted: true,
  });
  expect(codes("ReplicationError")).toEqual(replication);
  const config = every<ConfigErrorCode>({
    option_unknown: true,
    option_invalid: true,
    option_missing: true,
    option_conflict: true,
    connection_string_invalid: true,
  });
  expect(codes("ConfigError")).toEqual(config);
  const authentication = every<AuthenticationErrorCode>({
    password_missing: true,
    password_unavailable: true,
    method_refused: true,
    method_unsupported: true,
    channel_binding_unavailable: true,
    server_unverified: true,
    exchange_failed: true,
  });
  expect(codes("AuthenticationError")).toEqual(authentication);
  const misuse = every<ProtocolMisuseCode>({
    copy_in_query: true,
    copy_in_unsupported: true,
    not_a_stream: true,
    session_busy: true,
    not_streaming: true,
  });
  expect(codes("ProtocolMisuse")).toEqual(misuse);
  const connection = every<ConnectionErrorKind>({
    closed: true,
    reset: true,
    refused: true,
    timeout: true,
    unreachable: true,
    not_found: true,
    denied: true,
    tls_unavailable: true,
    tls_failed: true,
    wrong_server_type: true,
    protocol: true,
    aborted: true,
    all_endpoints_failed: true,
    other: true,
  });
  expect(codes("ConnectionError")).toEqual([...connection, "connection_", "kind"].sort());
  expect(rows(section("## Telemetry"))).toEqual(Object.values(replicationChannelNames).sort());
});

test("what the README says of LSNs is what happens", async () => {
  const [, program, output] = /```ts\n(.*?)```\n\n```text\n(.*?)```/s.exec(section("## Positions in the WAL")) ?? [];
  expect(program).toBe(read("readme-lsn.ts"));
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words: unknown[]) => {
    lines.push(words.map((word) => (typeof word === "string" ? word : inspect(word))).join(" "));
  });
  await import("./readme-lsn.ts");
  log.mockRestore();
  expect(`${lines.join("\n")}\n`).toBe(output);
});
