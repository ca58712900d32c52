import { type BackendMessage, PostgresError, parseCommandTag, type ServerReport } from "@trunkline/protocol";

/** What one statement of a query gave. Values are text, as the server wrote them. */
export interface QueryResult {
  /** All words of the command's tag: `select`, `create_replication_slot`; empty for an empty query. */
  readonly command: string;
  /** Names of the columns; empty when the statement returns no rows. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** How many rows came back. */
  readonly rowCount: number;
  /** How many rows the command affected or returned, by its tag; without a number there, how many came back. */
  readonly numRows: number;
  /** Process id of the backend. */
  readonly connectionId: number;
  /** Notices raised since the statement before, newest first. */
  readonly messages: readonly ServerReport[];
}

/** What came of one message: `more` until the server is ready again. */
export type Collected =
  | { readonly type: "more" }
  | { readonly type: "ready"; readonly results: readonly QueryResult[]; readonly error: PostgresError | undefined };

const more: Collected = { type: "more" };

/** Puts the messages of a simple query together. An error drops the results before it, as the server rolls them back. */
export class ResultCollector {
  readonly #connectionId: number;
  #results: QueryResult[] = [];
  #columns: readonly string[] = [];
  #rows: (readonly (string | null)[])[] = [];
  #notices: ServerReport[] = [];
  #error: PostgresError | undefined;

  constructor(connectionId: number) {
    this.#connectionId = connectionId;
  }

  /** Takes a message in; those that belong to no result are ignored. */
  take(message: BackendMessage): Collected {
    switch (message.type) {
      case "rowDescription":
        this.#columns = message.fields.map(({ name }) => name);
        return more;
      case "dataRow":
        this.#rows.push(message.values);
        return more;
      case "commandComplete":
        this.#complete(message.tag);
        return more;
      case "emptyQueryResponse":
        this.#complete("");
        return more;
      case "noticeResponse":
        this.#notices.unshift(message.report);
        return more;
      case "errorResponse":
        this.#error = new PostgresError(message.report, { connectionId: this.#connectionId });
        return more;
      case "readyForQuery":
        return { type: "ready", results: this.#results, error: this.#error };
      default:
        return more;
    }
  }

  #complete(tag: string): void {
    const { command, numRows } = parseCommandTag(tag);
    const rows = this.#rows;
    this.#results.push({
      command,
      columns: this.#columns,
      rows,
      rowCount: rows.length,
      numRows: numRows ?? rows.length,
      connectionId: this.#connectionId,
      messages: this.#notices,
    });
    this.#columns = [];
    this.#rows = [];
    this.#notices = [];
  }
}
