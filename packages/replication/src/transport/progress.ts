import {
  decodeStandbyStatusUpdate,
  encodeStandbyStatusUpdate,
  type Lsn,
  laterLsn,
  STANDBY_STATUS_UPDATE,
  type StandbyStatusUpdate,
  ZERO_LSN,
} from "@trunkline/protocol";

/**
 * How far one replication stream has come: what has been received, and what the callbacks have confirmed. Confirmed is
 * the greatest flushed position among the status updates that callbacks returned, and nothing else.
 */
export class Progress {
  #received: Lsn = ZERO_LSN;
  #confirmed: StandbyStatusUpdate | undefined;

  /** The greatest position seen in the stream. */
  get received(): Lsn {
    return this.#received;
  }

  /** The greatest flushed position that callbacks have returned; `undefined` before the first. */
  get confirmed(): Lsn | undefined {
    return this.#confirmed?.flushed;
  }

  /** Positions go up and down on the wire (W24, W31): the greatest counts. */
  saw(position: Lsn): void {
    this.#received = laterLsn(this.#received, position);
  }

  /** Takes note of a message that a callback returned; of other messages than status updates there is nothing to note. */
  returned(message: Uint8Array): void {
    if (message[0] !== STANDBY_STATUS_UPDATE || message.length !== 34) return;
    const update = decodeStandbyStatusUpdate(message);
    const before = this.#confirmed;
    this.#confirmed =
      before === undefined
        ? update
        : {
            ...update,
            written: laterLsn(before.written, update.written),
            flushed: laterLsn(before.flushed, update.flushed),
            applied: laterLsn(before.applied, update.applied),
          };
  }

  /**
   * The update to send of our own accord: repeats what is confirmed, never more. `undefined` before the first.
   * `written` is what has been received, so that the server has no reason to answer (W27).
   * @param clock microseconds since 2000-01-01 UTC
   */
  update(clock: bigint): Buffer | undefined {
    const confirmed = this.#confirmed;
    if (confirmed === undefined) return undefined;
    const written = laterLsn(this.#received, confirmed.written);
    const { flushed, applied } = confirmed;
    return encodeStandbyStatusUpdate({ written, flushed, applied, clock, replyRequested: false });
  }

  /** As {@link Progress.update}, and asks for an answer. Before the first it confirms `0/0`, which moves no slot (W12). */
  question(clock: bigint): Buffer {
    const { written, flushed, applied } = this.#confirmed ?? {
      written: ZERO_LSN,
      flushed: ZERO_LSN,
      applied: ZERO_LSN,
    };
    return encodeStandbyStatusUpdate({ written, flushed, applied, clock, replyRequested: true });
  }
}
