import type { Row } from "@trunkline/protocol";
import type { Session } from "@trunkline/replication";
import type { CopyRowReader } from "./copy-text.ts";

/** Takes a batch of rows; a promise holds the next batch, and the server, back. */
export type RowsHandler = (rows: readonly Row[]) => void | Promise<void>;

/** How many rows come at most in a batch. */
const BATCH_ROWS = 500;

/**
 * Runs a COPY … TO STDOUT and hands its rows over in batches, in memory bounded by one batch. Resolves with the number
 * of rows when the last batch has been taken.
 * @throws PostgresError; what the reader or the handler throws: the COPY is given up then, and the session can go on
 */
export function copyRows(session: Session, sql: string, read: CopyRowReader, handle: RowsHandler): Promise<number> {
  return new Promise((resolve, reject) => {
    let batch: Row[] = [];
    let count = 0;
    let failure: { readonly error: unknown } | undefined;

    const give = (error: unknown): void => {
      if (failure !== undefined) return;
      failure = { error };
      session.stopStream();
    };
    const deliver = async (): Promise<void> => {
      const rows = batch;
      batch = [];
      count += rows.length;
      if (failure === undefined && rows.length > 0) await handle(rows);
    };

    const sink = {
      data(payload: Buffer): void {
        if (failure !== undefined) return;
        try {
          batch.push(read(payload));
        } catch (error) {
          give(error);
        }
      },
      turn(): void {
        if (batch.length === 0) return;
        session.hold();
        void deliver()
          .catch(give)
          .finally(() => session.release());
      },
      ended(
        end:
          | { readonly type: "done" }
          | { readonly type: "failed"; readonly error: Error }
          | { readonly type: "lost"; readonly reason: Error },
      ): void {
        if (failure === undefined && end.type !== "done")
          failure = { error: end.type === "failed" ? end.error : end.reason };
        void deliver()
          .catch(give)
          .then(() => (failure === undefined ? resolve(count) : reject(failure.error)));
      },
    };
    session.stream(sql, sink, { maxMessages: BATCH_ROWS }).catch(reject);
  });
}
