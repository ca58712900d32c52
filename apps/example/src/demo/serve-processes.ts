import type pg from "pg";
import { assign, fromPromise, setup } from "xstate";

/** What the shop writes to. */
export interface ShopInput {
  readonly pool: pg.Pool;
  /** The table, with its schema. */
  readonly orders: string;
}

const restMs = 150;

/** Writes an order, rests, writes the next; a write that fails is tried again after a longer rest. */
export const shop = setup({
  types: {
    input: {} as ShopInput,
    context: {} as ShopInput & { readonly written: number },
  },
  actors: {
    write: fromPromise(({ input: { pool, orders, id } }: { input: ShopInput & { readonly id: number } }) =>
      pool.query(`INSERT INTO ${orders} (id, customer, total) VALUES ($1, $2, $3)`, [id, "Ada", (id % 100) + 0.5]),
    ),
  },
}).createMachine({
  id: "shop",
  context: ({ input }) => ({ ...input, written: 0 }),
  initial: "writing",
  states: {
    writing: {
      invoke: {
        src: "write",
        input: ({ context }) => ({ pool: context.pool, orders: context.orders, id: context.written + 1 }),
        onDone: { target: "resting", actions: assign({ written: ({ context }) => context.written + 1 }) },
        onError: "failing",
      },
    },
    resting: { after: { [restMs]: "writing" } },
    failing: { after: { 2000: "writing" } },
  },
});

const workMs = 40_000;

/** Works for a while and then crashes, on purpose: its supervisor starts it again. */
export const mailer = setup({
  types: { events: {} as { readonly type: "mail" } },
  actions: {
    hangUp: () => {
      throw new Error("the mail server hung up (on purpose)");
    },
  },
}).createMachine({
  id: "mailer",
  initial: "connecting",
  states: {
    connecting: { after: { 500: "connected" } },
    connected: {
      initial: "idle",
      states: { idle: { on: { mail: "sending" }, after: { 5000: "sending" } }, sending: { after: { 1000: "idle" } } },
      after: { [workMs]: { actions: "hangUp" } },
    },
  },
});
