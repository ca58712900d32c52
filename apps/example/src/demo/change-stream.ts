import {
  createChangeDecoder,
  createReplicationSlot,
  type DecodedMessage,
  decodePrimaryKeepalive,
  encodeStandbyStatusUpdate,
  isXLogData,
  type Lsn,
  readXLogDataStart,
  startReplication,
  X_LOG_DATA_HEADER_BYTES,
  ZERO_LSN,
} from "@trunkline/protocol";
import { connect, type Session, type StreamEnd } from "@trunkline/replication";
import { postgresNow } from "./postgres-now.ts";

/** What the stream carried. */
export interface StreamTotals {
  rows: number;
  bytes: number;
  /** The end of the last commit that was printed: what the server was told is done. */
  reached: Lsn;
}

export interface ChangeStream {
  readonly totals: Readonly<StreamTotals>;
  /** Resolves once the transaction has been printed whole. Rejects with what ended the stream before. */
  printed(xid: number): Promise<void>;
  close(): Promise<void>;
}

/** Streams the changes of one publication through a temporary slot, from now on; `print` gets each message as it comes. */
export async function openChangeStream(
  connectionString: string,
  publication: string,
  print: (message: DecodedMessage, at: Lsn) => void,
): Promise<ChangeStream> {
  const session = await connect({ connectionString, parameters: { replication: "database" } });
  try {
    return await start(session, publication, print);
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function start(
  session: Session,
  publication: string,
  print: (message: DecodedMessage, at: Lsn) => void,
): Promise<ChangeStream> {
  const slot = `${publication}_slot`;
  const decoder = createChangeDecoder();
  const totals: StreamTotals = { rows: 0, bytes: 0, reached: ZERO_LSN };
  const printed = new Set<number>();
  const waiting = new Map<number, { resolve: () => void; reject: (reason: Error) => void }>();
  let open = 0;
  let ended: Error | undefined;

  const acknowledge = () => {
    const { reached } = totals;
    const clock = postgresNow();
    session.send([
      encodeStandbyStatusUpdate({ written: reached, flushed: reached, applied: reached, clock, replyRequested: false }),
    ]);
  };
  const take = (payload: Buffer) => {
    if (!isXLogData(payload)) {
      if (decodePrimaryKeepalive(payload).replyRequested) acknowledge();
      return;
    }
    const message = decoder.decode(payload, X_LOG_DATA_HEADER_BYTES);
    totals.bytes += payload.length - X_LOG_DATA_HEADER_BYTES;
    if (message.kind === "insert" || message.kind === "update" || message.kind === "delete") totals.rows += 1;
    print(message, readXLogDataStart(payload));
    if (message.kind === "begin") open = message.xid;
    if (message.kind !== "commit") return;
    totals.reached = message.endLsn; // printed is all this consumer does with a transaction, so now it is done
    acknowledge();
    printed.add(open);
    waiting.get(open)?.resolve();
  };

  await session.query(createReplicationSlot({ slot, temporary: true, snapshot: "nothing" }));
  await session.stream(startReplication({ slot, publications: [publication] }), {
    data: take,
    ended: (end) => {
      ended = reasonOf(end);
      for (const waiter of waiting.values()) waiter.reject(ended);
    },
  });
  return {
    totals,
    printed: (xid) =>
      new Promise((resolve, reject) => {
        if (printed.has(xid)) resolve();
        else if (ended !== undefined) reject(ended);
        else waiting.set(xid, { resolve, reject });
      }),
    close: () => session.close(),
  };
}

function reasonOf(end: StreamEnd): Error {
  switch (end.type) {
    case "done":
      return new Error("The server ended the stream.");
    case "failed":
      return end.error;
    case "lost":
      return end.reason;
  }
}
