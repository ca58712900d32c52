import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

test("without options everything is measured five times", () => {
  const { workloads, setups, rounds, quick } = parseOptions([]);
  expect({ workloads, setups, rounds, quick }).toEqual({
    workloads: ["W1", "W2", "W3"],
    setups: ["replay", "long", "real"],
    rounds: 5,
    quick: false,
  });
});

test("clients run in the catalogue's order, whatever the order on the command line", () => {
  const { clients } = parseOptions(["--clients", "pgwire,bare"]);
  expect(clients.map(({ name }) => name)).toEqual(["bare", "pgwire"]);
});

test("a name that there is not is refused with those there are", () => {
  expect(() => parseOptions(["--workloads", "W4"])).toThrow("there is no W4. There are W1, W2, W3.");
  expect(() => parseOptions(["--runs", "0"])).toThrow("--runs: 0 is not a whole number above 0.");
});

test("latency needs a real server", () => {
  expect(parseOptions(["--setups", "replay"]).latencySeconds).toBe(0);
  expect(parseOptions(["--no-latency"]).latencySeconds).toBe(0);
  expect(parseOptions(["--quick"]).latencySeconds).toBeGreaterThan(0);
});

test("scaling and supervision are measured with everything else, or when asked for", () => {
  const asked = (...args: string[]) => {
    const { scaling, supervision } = parseOptions(args);
    return [scaling, supervision];
  };
  expect(asked()).toEqual([true, true]);
  expect(asked("--quick")).toEqual([false, false]);
  expect(asked("--clients", "bare", "--scaling")).toEqual([true, false]);
  expect(asked("--no-supervision")).toEqual([true, false]);
});

test("a quick call leaves out what only explains the others, unless it is asked for", () => {
  const has = (...args: string[]) => parseOptions(args).clients.some(({ name }) => name === "ours-transport");
  expect([has(), has("--quick"), has("--quick", "--clients", "bare,ours-transport")]).toEqual([true, false, true]);
});

test("a quick call leaves out long runs, unless they are asked for", () => {
  expect(parseOptions(["--quick"]).setups).toEqual(["replay", "real"]);
  expect(parseOptions(["--quick", "--setups", "long"]).setups).toEqual(["long"]);
});
