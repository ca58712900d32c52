// A tree of XState's own, in which nothing of Trunkline runs but the inspector. Open the address that it prints.
import { startInspector } from "@trunkline/inspector";
import { assign, createActor, fromPromise, setup } from "xstate";

const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => clearTimeout(timer));
  });

const light = setup({ actors: { rest: fromPromise(({ signal }) => rest(2000, signal)) } }).createMachine({
  id: "light",
  initial: "green",
  states: {
    green: { after: { 3000: "yellow" } },
    yellow: { after: { 1000: "red" } },
    red: { invoke: { src: "rest", onDone: "green" } },
  },
});

const crossing = setup({ actors: { light } }).createMachine({
  id: "crossing",
  context: { cars: 0n },
  invoke: [
    { src: "light", id: "north" },
    { src: "light", id: "east" },
  ],
  initial: "open",
  states: { open: { on: { close: "closed" } }, closed: { on: { open: "open" } } },
  on: { car: { actions: assign({ cars: ({ context }) => context.cars + 1n }) } },
});

const actor = createActor(crossing, { id: "crossing" }).start();
const inspector = await startInspector(actor); // the actors run already: nothing of them is touched
process.once("SIGTERM", () => {
  actor.stop();
  void inspector.close();
});
