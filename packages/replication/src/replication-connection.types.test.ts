import { call } from "@trunkline/process";
import { expectTypeOf, test } from "vitest";
import { DONE } from "./done.ts";
import { noreply } from "./instruction.ts";
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
  handleCall: (request, _from, state) => {
    expectTypeOf(request.type).toEqualTypeOf<"step" | "add">();
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
