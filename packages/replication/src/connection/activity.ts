import type { ProtocolMisuse } from "./protocol-misuse.ts";
import type { QueryResult, ResultCollector } from "./query-result.ts";
import type { StreamSink, StreamStart } from "./stream-sink.ts";
import type { Flow } from "./wire.ts";

/** What is going on; one thing at a time. */
export type Activity =
  | { readonly type: "idle" }
  | {
      readonly type: "querying";
      readonly collector: ResultCollector;
      readonly settle: Settle<readonly QueryResult[]>;
      misuse: ProtocolMisuse | undefined;
    }
  | {
      readonly type: "startingStream";
      readonly collector: ResultCollector;
      readonly settle: Settle<StreamStart>;
      readonly sink: StreamSink;
      readonly flow: Flow;
      misuse: ProtocolMisuse | undefined;
    }
  | {
      readonly type: "streaming";
      readonly collector: ResultCollector;
      readonly sink: StreamSink;
      readonly copy: "both" | "out";
      doneSent: boolean;
    }
  | { readonly type: "closed"; readonly reason: Error };

/** How whoever waits is told. */
export interface Settle<Value> {
  resolve(value: Value): void;
  reject(reason: Error): void;
}

/** Nothing is going on. */
export const idle: Activity = { type: "idle" };
