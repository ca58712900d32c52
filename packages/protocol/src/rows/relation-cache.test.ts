import { describe, expect, test } from "vitest";
import { createRelationCache, type RelationCache } from "./relation-cache.ts";

function cacheWith(known: string | undefined, streamed: string | undefined): RelationCache<string> {
  const cache = createRelationCache<string>();
  if (known !== undefined) cache.set(1, null, known);
  if (streamed !== undefined) cache.set(1, 700, streamed);
  return cache;
}

describe("relations", () => {
  test("a later one replaces an earlier one with the same id", () => {
    const cache = cacheWith("two columns", undefined);
    cache.set(1, null, "three columns");
    expect(cache.get(1, null)).toBe("three columns");
  });

  test("one from a stream holds in that stream alone until it commits", () => {
    const cache = cacheWith("plain", "streamed");
    expect(cache.get(1, 700)).toBe("streamed");
    expect(cache.get(1, null)).toBe("plain");
    expect(cache.get(1, 701)).toBe("plain");
    cache.streamCommitted(700);
    expect(cache.get(1, null)).toBe("streamed");
    expect(cache.get(1, 701)).toBe("streamed");
  });

  test("one from a stream that was rolled back or prepared is forgotten", () => {
    const cache = cacheWith(undefined, "streamed");
    cache.streamForgotten(700);
    expect(cache.get(1, 700)).toBeUndefined();
    cache.streamCommitted(700);
    expect(cache.get(1, null)).toBeUndefined();
  });

  test("the first chunk of a transaction forgets what the same xid left behind, a later chunk does not", () => {
    const cache = cacheWith(undefined, "streamed");
    cache.streamStarted(700, false);
    expect(cache.get(1, 700)).toBe("streamed");
    cache.streamStarted(700, true);
    expect(cache.get(1, 700)).toBeUndefined();
  });

  test("a new stream knows nothing", () => {
    const cache = cacheWith("plain", "streamed");
    cache.clear();
    expect(cache.get(1, null)).toBeUndefined();
    expect(cache.get(1, 700)).toBeUndefined();
  });
});
