import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ExitReason,
  exit,
  exitReason,
  isRunning,
  kill,
  link,
  monitor,
  processInfo,
  settle,
  unlink,
  whereis,
} from "../src/index.ts";
import { type Cause, DeathModel } from "./death-model.ts";
import { type RecorderRef, received, startRecorder } from "./recorder.ts";

/** Picks are numbers modulo how many processes there are when they are used. */
type Command =
  | { readonly type: "start"; readonly parent: number | undefined; readonly traps: boolean }
  | { readonly type: "link" | "unlink" | "monitor"; readonly a: number; readonly b: number }
  | { readonly type: "end"; readonly self: number; readonly how: "normal" | "killed" | "crash" };

const pick = fc.nat({ max: 99 });
const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant("start" as const),
      parent: fc.option(pick, { nil: undefined }),
      traps: fc.boolean(),
    }),
    fc.record({ type: fc.constantFrom("link" as const, "unlink" as const, "monitor" as const), a: pick, b: pick }),
    fc.record({ type: fc.constant("end" as const), self: pick, how: fc.constantFrom("normal", "killed", "crash") }),
  ),
  { minLength: 5, maxLength: 40 },
);

const runs = Number(process.env["MODEL_RUNS"] ?? 100);

test("whatever is started, linked, monitored and ended, the same processes die of the same reasons as in the model", async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (script) => {
      const model = new DeathModel();
      const refs: RecorderRef[] = [];
      for (const [number, command] of script.entries()) await step(command, number, model, refs);
      for (const [index, ref] of refs.entries()) {
        const expected = model.at(index);
        expect([index, describe(exitReason(ref))]).toEqual([index, expected.end]);
        expect(heard(ref, refs, "otp.exit")).toEqual(
          expected.end === undefined ? expected.exits.toSorted() : expect.anything(),
        );
        expect(heard(ref, refs, "otp.down")).toEqual(
          expected.end === undefined ? expected.downs.toSorted() : expect.anything(),
        );
        // No dead process is found by name, or left in a living one's links or children.
        expect(whereis(nameOf(index, refs))).toBe(expected.end === undefined ? ref : undefined);
        const { links, children } = processInfo(ref);
        expect([...links, ...children].filter((other) => !isRunning(other))).toEqual([]);
      }
      for (const ref of refs) kill(ref);
    }),
    { numRuns: runs },
  );
});

let scripts = 0;
const nameOf = (index: number, refs: readonly RecorderRef[]): string => names.get(refs[index] ?? {}) ?? "nobody";
const names = new WeakMap<object, string>();

async function step(command: Command, number: number, model: DeathModel, refs: RecorderRef[]): Promise<void> {
  const at = (value: number): number => value % refs.length;
  if (command.type === "start") {
    const parent = command.parent === undefined || refs.length === 0 ? undefined : at(command.parent);
    if (parent !== undefined && !model.alive(parent)) return;
    model.start(parent, command.traps);
    const above = parent === undefined ? undefined : refs[parent];
    scripts += 1;
    const name = `death ${scripts}`;
    const ref = await startRecorder({ name, trap: command.traps, ...(above === undefined ? {} : { parent: above }) });
    names.set(ref, name);
    refs.push(ref);
    return;
  }
  if (refs.length === 0) return;
  if (command.type === "end") {
    const self = at(command.self);
    const ref = refs[self];
    if (ref === undefined) return;
    const cause: Cause = command.how === "crash" ? `crash ${number}` : command.how;
    if (command.how === "normal" && model.at(self).traps) return; // it would get the signal as an event
    model.end(self, cause);
    if (command.how === "killed") kill(ref);
    else if (command.how === "normal") exit(ref, "normal", ref);
    else ref.send({ type: "crash", error: cause });
    await settle();
    return;
  }
  const [a, b] = [refs[at(command.a)], refs[at(command.b)]];
  // A link to a dead process is a signal noproc: S7 has its own test.
  if (a === undefined || b === undefined || (command.type === "link" && !model.alive(at(command.b)))) return;
  model[command.type](at(command.a), at(command.b));
  ({ link, unlink, monitor })[command.type](a, b);
  await settle();
}

function describe(reason: ExitReason | undefined): string | undefined {
  return reason?.type === "error" ? String(reason.error) : reason?.type;
}

function heard(ref: RecorderRef, refs: readonly RecorderRef[], type: "otp.exit" | "otp.down"): string[] {
  return received(ref, type)
    .map(({ from, process, reason }) => {
      const other = refs.indexOf((type === "otp.exit" ? from : process) as RecorderRef);
      return `${other} ${describe(reason as ExitReason)}`;
    })
    .toSorted();
}
