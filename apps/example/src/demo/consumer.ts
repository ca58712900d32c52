import {
  type ChangeDecoder,
  createChangeDecoder,
  type DecodedMessage,
  decodePrimaryKeepalive,
  isXLogData,
  type Lsn,
  PRIMARY_KEEPALIVE,
  readXLogDataStart,
  X_LOG_DATA_HEADER_BYTES,
} from "@trunkline/protocol";
import {
  DONE,
  disconnect,
  encodeStandbyStatusUpdate,
  type Instruction,
  noreply,
  ReplicationConnection,
  startReplication,
  stream,
} from "@trunkline/replication";
import { postgresNow } from "./postgres-now.ts";
import type { Placed, Sink, Transaction } from "./sink.ts";

/** What one consumer of the demo is made of. */
export interface ConsumerArgument {
  readonly slot: string;
  readonly publication: string;
  readonly sink: Sink;
  /** Sees each message as it arrives, with its place in the WAL and its size. */
  readonly see: (message: DecodedMessage, at: Lsn, bytes: number) => void;
  /** Sees each new transaction before it is stored. When it throws, the process crashes and the transaction comes again. */
  readonly handle: (transaction: Transaction) => void;
  /** What a person wants to know of the process: that it started, connected, lost its connection. */
  readonly tell: (what: string) => void;
}

interface State {
  readonly argument: ConsumerArgument;
  readonly decoder: ChangeDecoder;
  /** The transaction that is being received; `undefined` between two. */
  readonly open: { readonly xid: number; readonly changes: Placed[] } | undefined;
}

/**
 * A replication connection with a durable slot that acknowledges a transaction when it is stored, and not before.
 * `autoReconnect` brings it back when the connection is lost; a crash of `handle` is its supervisor's affair.
 */
export const Consumer = ReplicationConnection.define<State, unknown, unknown, ConsumerArgument>(
  {
    init: (argument) => {
      argument.tell("starts");
      return { argument, decoder: createChangeDecoder(), open: undefined };
    },
    handleConnect: (state) => {
      const { slot, publication } = state.argument;
      state.decoder.reset(); // what a decoder knows of relations ends with its session
      return stream(startReplication({ slot, publications: [publication] }), { ...state, open: undefined });
    },
    handleStreamStart: (state) => {
      state.argument.tell("streams");
      return noreply(state);
    },
    handleResult: (results, state) =>
      results instanceof Error ? disconnect(results, state) : disconnect("the stream was refused", state),
    handleDisconnect: (reason, state) => {
      state.argument.tell(`lost its connection: ${reason instanceof Error ? reason.message.split("\n")[0] : reason}`);
      return noreply(state);
    },
    handleData: (data, state) => (data === DONE ? disconnect("the server ended the stream", state) : take(data, state)),
  },
  { restart: "permanent", shutdown: 5000 },
);

function take(data: Uint8Array, state: State): Instruction<State> {
  if (!isXLogData(data)) return idle(data, state);
  const { argument, decoder, open } = state;
  const message = decoder.decode(data, X_LOG_DATA_HEADER_BYTES);
  const at = readXLogDataStart(data);
  argument.see(message, at, data.length - X_LOG_DATA_HEADER_BYTES);
  switch (message.kind) {
    case "begin":
      return noreply({ ...state, open: { xid: message.xid, changes: [] } });
    case "insert":
    case "update":
    case "delete":
    case "truncate":
      open?.changes.push({ message, at });
      return noreply(state);
    case "commit": {
      const { commitLsn, endLsn } = message;
      const transaction = { xid: open?.xid ?? 0, commitLsn, endLsn, changes: open?.changes ?? [] };
      argument.handle(transaction);
      argument.sink.store(transaction);
      return noreply({ ...state, open: undefined }, [confirm(endLsn)]);
    }
    default:
      return noreply(state);
  }
}

/** A keepalive between two transactions may move the slot, since nothing is unfinished here: an idle table keeps no WAL. */
function idle(data: Uint8Array, state: State): Instruction<State> {
  if (data[0] !== PRIMARY_KEEPALIVE || state.open !== undefined) return noreply(state);
  const { walEnd, replyRequested } = decodePrimaryKeepalive(data);
  return replyRequested ? noreply(state, [confirm(walEnd)]) : noreply(state);
}

function confirm(position: Lsn): Uint8Array {
  const at = { written: position, flushed: position, applied: position };
  return encodeStandbyStatusUpdate({ ...at, clock: postgresNow(), replyRequested: false });
}
