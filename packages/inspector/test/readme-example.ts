import { startInspector } from "@trunkline/inspector";
import { createActor, setup } from "xstate";

const light = setup({}).createMachine({
  id: "light",
  initial: "green",
  states: {
    green: { after: { 3000: "yellow" } },
    yellow: { after: { 1000: "red" } },
    red: { after: { 2000: "green" } },
  },
});

const actor = createActor(light, { id: "crossing" }).start();
const inspector = await startInspector(actor); // the actor runs already: it is not restarted

process.once("SIGTERM", () => {
  actor.stop();
  void inspector.close();
});
