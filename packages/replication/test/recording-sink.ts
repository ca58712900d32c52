import type { StreamEnd, StreamSink } from "../src/connection/stream-sink.ts";
import { deferred } from "./deferred.ts";

/** A sink that notes down all it hears, payloads as text. */
export interface RecordingSink extends StreamSink {
  /** Everything in order: `started both`, payloads, `turn`, `ended done copy`. */
  readonly log: readonly string[];
  readonly payloads: readonly string[];
  /** Called at each payload, after it was noted. */
  onData: (payload: Buffer) => void;
  /** Resolves when a payload with this text has come. */
  saw(text: string): Promise<void>;
  readonly end: Promise<StreamEnd>;
}

export function recordingSink(onEnd: () => void = () => {}): RecordingSink {
  const log: string[] = [];
  const payloads: string[] = [];
  const waiting = new Set<() => void>();
  const end = deferred<StreamEnd>();
  const note = (line: string): void => {
    log.push(line);
    for (const check of waiting) check();
  };
  const sink: RecordingSink = {
    log,
    payloads,
    end: end.promise,
    onData: () => {},
    started: ({ copy }) => note(`started ${copy}`),
    data: (payload) => {
      payloads.push(payload.toString());
      note(payload.toString());
      sink.onData(payload);
    },
    turn: () => note("turn"),
    ended: (how) => {
      note(
        `ended ${how.type}${how.type === "done" ? ` ${how.results.map((result) => result.command).join(" ")}` : ""}`,
      );
      end.resolve(how);
      onEnd();
    },
    saw: (text) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!payloads.includes(text)) return;
          waiting.delete(check);
          // After the turn of the batch it came in.
          setImmediate(resolve);
        };
        waiting.add(check);
        check();
      }),
  };
  return sink;
}
