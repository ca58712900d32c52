import { expect, test } from "vitest";
import type { Proc } from "../wire.ts";
import { difference } from "./diff.ts";

const row = (ref: string, more: Partial<Proc> = {}): Proc => ({
  ref,
  id: ref,
  kind: "worker",
  type: "worker",
  status: "running",
  value: "on",
  mailbox: 0,
  restarts: 0,
  startedAt: 0,
  restart: "permanent",
  shutdown: 5000,
  suspended: false,
  detail: [],
  ...more,
});

test("rows that are the same differ in nothing", () => {
  expect(difference([row("a")], [row("a")])).toBeUndefined();
});

test("a change is the fields that changed", () => {
  const before = [row("a", { detail: ["answer"] }), row("b")];
  const after = [row("a", { detail: ["answer"], value: "off", mailbox: 2 }), row("b")];
  expect(difference(before, after)).toEqual({ changed: [{ ref: "a", value: "off", mailbox: 2 }], gone: [] });
});

test("a field that no longer applies is null", () => {
  expect(difference([row("a", { name: "orders" })], [row("a")])).toEqual({
    changed: [{ ref: "a", name: null }],
    gone: [],
  });
});

test("a process that is new comes whole, and its parent's children in their order", () => {
  const root = row("root");
  const child = (ref: string): Proc => row(ref, { parent: "root" });
  expect(difference([root, child("a"), child("c")], [root, child("a"), child("b"), child("c")])).toEqual({
    changed: [child("b")],
    gone: [],
    order: { root: ["a", "b", "c"] },
  });
});

test("one that has the place of another is told as one that went and one that came", () => {
  const root = row("root");
  const child = (ref: string): Proc => row(ref, { parent: "root" });
  expect(difference([root, child("a"), child("b")], [root, child("c"), child("b")])).toEqual({
    changed: [child("c")],
    gone: ["a"],
    order: { root: ["c", "b"] },
  });
});
