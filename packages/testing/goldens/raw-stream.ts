import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  decodePrimaryKeepalive,
  encodeQuery,
  encodeStartupMessage,
  encodeTerminate,
  type Lsn,
  PRIMARY_KEEPALIVE,
  X_LOG_DATA,
  X_LOG_DATA_HEADER_BYTES,
} from "@trunkline/protocol";

/** Where to connect, and as whom. Authentication must be `trust`. */
export interface RawStreamTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Settings of the session, as the startup parameter `options` has them. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A replication stream whose frames are kept as they came. Nothing is ever confirmed. */
export interface RawStream extends AsyncDisposable {
  /** Every CopyData message that bears an XLogData, with its five bytes of header. */
  readonly frames: readonly Buffer[];
  /** Resolves once `count` messages (default 1) of pgoutput's `letter` have come. */
  seen(letter: string, count?: number): Promise<void>;
  /** Resolves once a keepalive says that the server has sent all it has before `lsn`. */
  caughtUp(lsn: Lsn): Promise<void>;
}

const COPY_DATA = 0x64;
const COPY_BOTH_RESPONSE = "W";
const READY_FOR_QUERY = "Z";
const ERROR_RESPONSE = "E";

/** Connects, starts replication by `command`, and resolves once the server answers with CopyBothResponse. */
export async function openRawStream(target: RawStreamTarget, command: string): Promise<RawStream> {
  const socket = connect(target.port, target.host);
  const frames: Buffer[] = [];
  let walEnd = 0n;
  let streaming = false;
  let failure: Error | undefined;
  let wake = (): void => {};

  receive(socket, (frame) => {
    const letter = String.fromCharCode(frame[0] ?? 0);
    if (letter === ERROR_RESPONSE) failure = new Error(`The server answered: ${frame.toString("utf8", 5)}`);
    else if (letter === READY_FOR_QUERY && !streaming) socket.write(encodeQuery(command));
    else if (letter === COPY_BOTH_RESPONSE) streaming = true;
    else if (frame[0] === COPY_DATA && frame[5] === X_LOG_DATA) frames.push(frame);
    else if (frame[0] === COPY_DATA && frame[5] === PRIMARY_KEEPALIVE) {
      walEnd = decodePrimaryKeepalive(frame.subarray(5)).walEnd;
    }
    wake();
  });
  socket.on("error", (error) => {
    failure = error;
    wake();
  });
  socket.on("close", () => {
    failure ??= new Error("The server closed the connection.");
    wake();
  });

  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  await once(socket, "connect");
  socket.write(encodeStartupMessage(startupParameters(target)));
  await until(() => streaming);
  return {
    frames,
    seen: (letter, count = 1) => until(() => frames.filter((frame) => letterOf(frame) === letter).length >= count),
    caughtUp: (lsn) => until(() => walEnd >= lsn),
    [Symbol.asyncDispose]: async () => {
      socket.end(encodeTerminate());
      if (!socket.closed) await once(socket, "close");
    },
  };
}

/** The letter that the pgoutput message in a CopyData frame begins with. */
export function letterOf(frame: Buffer): string {
  return String.fromCharCode(frame[5 + X_LOG_DATA_HEADER_BYTES] ?? 0);
}

function startupParameters({ user, database, settings }: RawStreamTarget): Record<string, string> {
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return { user, database, replication: "database", options: options.join(" ") };
}

/** Cuts what comes into whole messages, each a buffer of its own. */
function receive(socket: Socket, onFrame: (frame: Buffer) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 5) {
      const end = 1 + pending.readInt32BE(1);
      if (pending.length < end) return;
      onFrame(Buffer.from(pending.subarray(0, end)));
      pending = pending.subarray(end);
    }
  });
}
