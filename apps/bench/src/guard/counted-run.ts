import { createHook } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type HeapProfiler, Session } from "node:inspector";
import type { Socket } from "node:net";

/** What happened in this process while a stream was read. Nothing here is a time. */
export interface Counts {
  /** Times that bytes came from a client's socket. */
  readonly reads: number;
  /** Writes to a client's socket. */
  readonly writes: number;
  /** Promises made. */
  readonly promises: number;
  /** Bytes allocated on the JavaScript heap, those that were freed again included; sampled, to within a few per cent. */
  readonly heapBytes: number;
}

/** Bytes between two samples of the heap, on average. */
const SAMPLE_BYTES = 4096;

/** Counts what `work` costs; sockets count from their creation in it. Two of these must not overlap. */
export async function counted(work: () => Promise<void>): Promise<Counts> {
  const counts = { reads: 0, writes: 0, promises: 0 };
  const watch = (message: unknown): void => countSocket((message as { readonly socket: Socket }).socket, counts);
  const hook = createHook({
    init: (_id, type) => {
      if (type === "PROMISE") counts.promises += 1;
    },
  });
  const session = new Session();
  session.connect();
  subscribe("net.client.socket", watch);
  hook.enable();
  try {
    session.post("HeapProfiler.startSampling", {
      samplingInterval: SAMPLE_BYTES,
      // Not in every declaration of the protocol: without these only what is still alive at the end is counted.
      ...{ includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true },
    });
    await work();
    const { profile } = await stopSampling(session);
    return { ...counts, heapBytes: sizeOf(profile.head) };
  } finally {
    hook.disable();
    unsubscribe("net.client.socket", watch);
    session.disconnect();
  }
}

/** The part of a socket that libuv calls. */
interface StreamHandle {
  onread: (this: unknown, ...args: unknown[]) => unknown;
}

function countSocket(socket: Socket, counts: { reads: number; writes: number }): void {
  // Not before: connecting puts the socket's own write back in its place.
  socket.once("connect", () => {
    const { write } = socket;
    socket.write = function (this: Socket, ...args: Parameters<Socket["write"]>) {
      counts.writes += 1;
      return write.apply(this, args);
    } as Socket["write"];
    const handle = (socket as Socket & { readonly _handle?: StreamHandle })._handle;
    if (handle === undefined) throw new Error("This version of Node hides its handles: reads can't be counted.");
    const { onread } = handle;
    handle.onread = function (...args) {
      counts.reads += 1;
      return onread.apply(this, args);
    };
  });
}

function stopSampling(session: Session): Promise<HeapProfiler.StopSamplingReturnType> {
  return new Promise((resolve, reject) => {
    session.post("HeapProfiler.stopSampling", (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

function sizeOf(node: HeapProfiler.SamplingHeapProfileNode): number {
  return node.children.reduce((sum, child) => sum + sizeOf(child), node.selfSize);
}
