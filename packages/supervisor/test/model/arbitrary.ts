import fc from "fast-check";
import type {
  ChildPlan,
  Happenings,
  Plan,
  Reason,
  Request,
  StartOutcome,
  Step,
  SupervisorPlan,
  WorkerPlan,
} from "./plan.ts";

const restart = fc.constantFrom("permanent", "transient", "temporary");
const strategy = fc.constantFrom("one_for_one", "one_for_all", "rest_for_one");
const autoShutdown = fc.constantFrom("never", "never", "any_significant", "all_significant");
const reason = fc.constantFrom<Reason[]>("normal", "shutdown", "shutdown_with_info", "killed", "error", "error");
const startOutcome = fc.oneof(
  { weight: 6, arbitrary: fc.constant<StartOutcome>("ok") },
  { weight: 2, arbitrary: fc.constant<StartOutcome>("error") },
  { weight: 1, arbitrary: fc.constant<StartOutcome>("ignore") },
  { weight: 1, arbitrary: fc.constant<StartOutcome>("hang") },
);

/** A worker that refuses to shut down needs a deadline, else the stop would wait for ever, as in OTP. */
const worker = (id: string): fc.Arbitrary<WorkerPlan> =>
  fc
    .record({
      restart,
      shutdown: fc.constantFrom<WorkerPlan["shutdown"][]>(0, 50, 3_000, "infinity", "brutal_kill"),
      significant: fc.boolean(),
      firstStart: fc.oneof(
        { weight: 12, arbitrary: fc.constant<StartOutcome>("ok") },
        { weight: 1, arbitrary: startOutcome },
      ),
      laterStarts: fc.array(startOutcome, { maxLength: 5 }),
      onShutdown: fc.constantFrom("obey", "obey", "obey", "refuse", "end_normal", "fail"),
    })
    .map(({ firstStart, laterStarts, ...plan }) => ({
      kind: "worker",
      id,
      ...plan,
      // Asked to shut down with no time to do it, a worker is killed whatever it would have done.
      onShutdown:
        plan.shutdown === 0
          ? "refuse"
          : plan.onShutdown === "refuse" && plan.shutdown === "infinity"
            ? "obey"
            : plan.onShutdown,
      starts: [firstStart, ...laterStarts],
    }));

const childIds = ["a", "b", "c", "d", "e"] as const;

const supervisor = (id: string, depth: number, leastChildren = 0): fc.Arbitrary<SupervisorPlan> =>
  fc
    .record({
      restart,
      shutdown: fc.constantFrom<SupervisorPlan["shutdown"][]>("infinity", "infinity", "brutal_kill"),
      significant: fc.boolean(),
      strategy,
      maxRestarts: fc.nat(4),
      maxSeconds: fc.integer({ min: 1, max: 5 }),
      autoShutdown,
      children: fc
        .integer({ min: leastChildren, max: 4 })
        .chain((count) =>
          fc.tuple(...childIds.slice(0, count).map((childId) => child(childId, Math.max(0, depth - 1)))),
        ),
    })
    .map((plan) => ({
      kind: "supervisor",
      id,
      ...plan,
      children: plan.children.map((c) => ({
        ...c,
        significant: c.significant && plan.autoShutdown !== "never" && c.restart !== "permanent",
      })),
    }));

const child = (id: string, depth: number): fc.Arbitrary<ChildPlan> =>
  depth === 0
    ? worker(id)
    : fc.oneof({ weight: 3, arbitrary: worker(id) }, { weight: 1, arbitrary: supervisor(id, depth) });

const anyId = fc.constantFrom("a", "a", "b", "b", "c", "c", "d", "e");

const request: fc.Arbitrary<Request> = fc.oneof(
  fc
    .constantFrom(...childIds, "f")
    .chain((id) => worker(id).map((spec): Request => ({ type: "startChild", child: spec }))),
  anyId.map((id): Request => ({ type: "terminateChild", id })),
  anyId.map((id): Request => ({ type: "restartChild", id })),
  anyId.map((id): Request => ({ type: "deleteChild", id })),
  anyId.map((id): Request => ({ type: "getChildspec", id })),
  fc.constant<Request>({ type: "whichChildren" }),
  fc.constant<Request>({ type: "countChildren" }),
);

function supervisorPaths(plan: SupervisorPlan, path: string): string[] {
  return [
    path,
    ...plan.children.flatMap((c) => (c.kind === "supervisor" ? supervisorPaths(c, `${path}/${c.id}`) : [])),
  ];
}

const happenings = (maxLength: number): fc.Arbitrary<Happenings> =>
  fc.record({
    ends: fc.array(fc.record({ id: anyId, reason }), { maxLength }),
    requests: fc.array(request, { maxLength }),
  });

const step = (paths: readonly string[]): fc.Arbitrary<Step> => {
  const path = fc.constantFrom(...paths);
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        type: fc.constant("burst" as const),
        supervisor: path,
        now: happenings(3),
        late: happenings(2),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(1, 700, 1_000, 2_000, 3_000, 5_001).map((ms): Step => ({ type: "pass", ms })),
    },
    { weight: 1, arbitrary: path.map((target): Step => ({ type: "kill", supervisor: target })) },
    { weight: 1, arbitrary: fc.constant<Step>({ type: "stop" }) },
  );
};

/** Trees of up to three levels, and up to a dozen things done to them. */
export const plan: fc.Arbitrary<Plan> = fc
  .oneof({ weight: 2, arbitrary: supervisor("root", 3, 1) }, { weight: 1, arbitrary: supervisor("root", 0, 1) })
  .chain((root) =>
    fc.array(step(supervisorPaths(root, "root")), { minLength: 1, maxLength: 12 }).map((steps) => ({ root, steps })),
  );
