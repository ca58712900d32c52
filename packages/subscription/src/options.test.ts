import { expect, test } from "vitest";
import { parseOptions, type SubscriptionOptions } from "./options.ts";

const good: SubscriptionOptions = { connection: {}, slot: "s", publications: "p", onTransaction: () => {} };

/** As from JavaScript, where no compiler looks. */
const parse = (change: Readonly<Record<string, unknown>>) =>
  parseOptions({ ...good, ...change } as unknown as SubscriptionOptions);

test("what is not given has its default", () => {
  expect(parseOptions(good)).toMatchObject({
    publicationNames: ["p"],
    create: true,
    ownership: "standby",
    savesCheckpoint: true,
    health: { intervalMs: 10_000 },
    buffer: { changes: 10_000, bytes: 4 * 1024 * 1024 },
    backoff: { minMs: 500, maxMs: 30_000 },
    drainMs: 10_000,
  });
  expect(parse({ backoff: { minMs: 60_000 } }).backoff).toEqual({ minMs: 60_000, maxMs: 60_000 });
  expect(parse({ backoff: { maxMs: 10 } }).backoff).toEqual({ minMs: 10, maxMs: 10 });
  expect(parse({ health: false }).health).toBeUndefined();
  expect(parse({ checkpoint: {}, checkpointSavedBy: "handler" }).savesCheckpoint).toBe(false);
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ["publications is missing.", { publications: undefined }],
  ["slot is missing.", { slot: "" }],
  ["either onTransaction or onChange", { onTransaction: undefined }],
  ["either onTransaction or onChange", { onChange: () => {} }],
  ["onTransaction and onChange are functions.", { onTransaction: "console.log" }],
  ['checkpointSavedBy is "subscription" or "handler"; it is "hander".', { checkpointSavedBy: "hander" }],
  ['checkpointSavedBy: "handler" needs a checkpoint', { checkpointSavedBy: "handler" }],
  ["connection is missing.", { connection: undefined }],
  ['"Orders" is not a slot name', { slot: "Orders" }],
  ["publications names none", { publications: [] }],
  ["A publication needs a name.", { publications: { name: "", allTables: true } }],
  ["would cut it to 63.", { publications: ["p", "x".repeat(64)] }],
  ['origin is "any" or "none".', { origin: "nobody" }],
  ["health is false or an object of options.", { health: null }],
  ["health is false or an object of options.", { health: true }],
  ["health.intervalMs must be a number from 0", { health: { intervalMs: "5" } }],
  ["backoff.minMs (500) is above backoff.maxMs (10).", { backoff: { minMs: 500, maxMs: 10 } }],
  ["buffer.changes must be a number from 0", { buffer: { changes: Number.NaN } }],
  ["ownership can't be both", { ownership: "both" }],
  ['snapshot is neither "initial" nor "never"', { snapshot: "always" }],
  ["A temporary slot", { temporary: true, create: false }],
])("an option that can't be is refused with option_invalid: %s", (sentence, change) => {
  expect(() => parse(change)).toThrow(
    expect.objectContaining({ code: "option_invalid", message: expect.stringContaining(sentence) }),
  );
});

test.each([
  ["of the subscription", { connection: { port: 70_000 } }],
  ["of its sampler", { health: { connection: { port: 70_000 } } }],
])("a connection that can't be, %s, is refused before anything is started", (_whose, change) => {
  expect(() => parse(change)).toThrow(expect.objectContaining({ name: "ConfigError", code: "option_invalid" }));
});
