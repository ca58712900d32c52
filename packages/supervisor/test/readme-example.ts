import { type CallEvent, call, makeRuntime, reply, silentLogger } from "@trunkline/process";
import { Supervisor } from "@trunkline/supervisor";
import { fromTransition } from "xstate";

// Any XState logic is a child as it is; this one counts, and crashes at 3.
const counter = fromTransition((count: number, event: CallEvent<"next", number>) => {
  if (event.type !== "call") return count;
  if (count === 2) throw new Error("3 is too many");
  reply(event.from, count + 1);
  return count + 1;
}, 0);

const app = await Supervisor.startLink(
  [{ id: "counter", start: { logic: counter }, name: "counter", restart: "permanent" }],
  { strategy: "one_for_one", maxRestarts: 3, maxSeconds: 5, runtime: makeRuntime({ logger: silentLogger }) },
);

for (let i = 0; i < 5; i += 1) {
  await call("counter", "next").then(
    (count) => console.log("counted", count),
    (error) => console.log("crashed:", error.reason.error.message),
  );
}
console.log(await Supervisor.countChildren(app));
await Supervisor.stop(app);
