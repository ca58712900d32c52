import { call, reply } from "@trunkline/process";
import { createReplicationSlot, startReplication } from "@trunkline/protocol";
import { expectTypeOf, test } from "vitest";
import { DONE } from "./done.ts";
import { noreply, query, stream } from "./instruction.ts";
import { ReplicationConnection } from "./replication-connection.ts";

interface State {
  readonly step: string;
}

interface Calls {
  readonly step: { readonly reply: string };
  readonly add: { readonly args: { readonly by: number }; readonly reply: bigint };
}

const Kind = ReplicationConnection.define<State, Calls, { readonly type: "tick" }, number>({
  init: (start) => ({ step: expectNumber(start) }),
  handleData: (data, state) => noreply(data === DONE ? { step: "done" } : { step: `${data.length}${state.step}` }),
  handleInfo: (info, state) => {
    expectTypeOf(info.type).toEqualTypeOf<"tick">();
    return noreply(state);
  },
  handleCall: (request, from, state) => {
    expectTypeOf(request.type).toEqualTypeOf<"step" | "add">();
    if (request.type === "add") reply(from, BigInt(request.by));
    else reply(from, state.step);
    // @ts-expect-error no call has this for a reply
    reply(from, true);
    return noreply(state);
  },
});

function expectNumber(value: number): string {
  return String(value);
}

type Ref = NonNullable<Awaited<ReturnType<typeof Kind.startLink>>>;

test("a call's reply has the type that the interface of calls gives it, and other requests do not compile", () => {
  const typed = (ref: Ref): void => {
    expectTypeOf(call(ref, { type: "step" })).resolves.toEqualTypeOf<string>();
    expectTypeOf(call(ref, { type: "add", by: 1 })).resolves.toEqualTypeOf<bigint>();
    // @ts-expect-error there is no such request
    void call(ref, { type: "subtract" });
    // @ts-expect-error a request has its arguments
    void call(ref, { type: "add" });
    // @ts-expect-error an info is one of those that handleInfo takes
    ref.send({ type: "info", info: "tock" });
    ref.send({ type: "info", info: { type: "tick" } });
    ref.send({ type: "tick" });
  };
  expectTypeOf(typed).toBeFunction();
});

test("the argument of init is the argument of a start", () => {
  const typed = (): void => {
    // @ts-expect-error it is a number
    void Kind.startLink("one", {});
  };
  expectTypeOf(typed).toBeFunction();
});

test("the example of the design compiles as it stands", () => {
  interface Steps {
    readonly step: "disconnected" | "slot" | "on";
  }
  const ack = new Uint8Array();
  const Repl = ReplicationConnection.define<Steps, { readonly step: { readonly reply: string } }>(
    {
      init: () => ({ step: "disconnected" }),
      handleConnect: (s) => query(createReplicationSlot({ slot: "demo", temporary: true }), { ...s, step: "slot" }),
      handleResult: (_results, s) =>
        stream(startReplication({ slot: "demo", publications: ["demo"] }), { ...s, step: "on" }),
      handleData: async (_data, s) => noreply(s, [ack]),
      handleCall: (_request, from, s) => {
        reply(from, s.step);
        return noreply(s);
      },
    },
    { id: "demo", restart: "transient", shutdown: 10_000 },
  );
  expectTypeOf(Repl.startLink).returns.resolves.not.toBeAny();
});

test("calls that are not described can be anything, and answer anything", () => {
  const Plain = ReplicationConnection.define<null>({
    init: () => null,
    handleCall: (request, from, state) => {
      expectTypeOf(request).toBeUnknown();
      reply(from, request);
      return noreply(state);
    },
  });
  const typed = async (): Promise<void> => {
    const ref = await Plain.startLink(undefined, {});
    if (ref !== undefined) expectTypeOf(call(ref, "anything")).resolves.toBeUnknown();
  };
  expectTypeOf(typed).toBeFunction();
});
