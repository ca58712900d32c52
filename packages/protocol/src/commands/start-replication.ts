import { formatLsn, type Lsn, ZERO_LSN } from "../lsn.ts";
import { ProtocolError } from "../protocol-error.ts";
import { flag, oneOf, requireServer, type ServerVersion } from "./command-options.ts";
import { quoteIdentifier, quoteLiteral, quoteSlotName } from "./quoting.ts";
import { checkTimeline } from "./server-commands.ts";

/**
 * Version of pgoutput's protocol: 2 has streamed transactions (PostgreSQL 14), 3 two-phase commit (15), 4 parallel
 * streaming (16).
 */
export type PgoutputProtocolVersion = 1 | 2 | 3 | 4;

/** Options of {@link startReplication}, which are pgoutput's, through PostgreSQL 18. */
export interface StartReplicationOptions {
  /** The slot's name. */
  readonly slot: string;
  /** At least one; names as they are in `pg_publication`, case and all. */
  readonly publications: readonly string[];
  /** Default `0/0`: where the slot stands. Anything below that starts there too. */
  readonly startLsn?: Lsn;
  /** Default: the least that the other options need, which is 1 without them. */
  readonly protocolVersion?: PgoutputProtocolVersion;
  /** Send values in binary where the type can. Default `false`. */
  readonly binary?: boolean;
  /** Send what `pg_logical_emit_message` wrote. Default `false`. */
  readonly messages?: boolean;
  /** Send large transactions before they commit; `parallel` (PostgreSQL 16) adds LSN and time to aborts. Default `off`. */
  readonly streaming?: "off" | "on" | "parallel";
  /** Send transactions at PREPARE (PostgreSQL 15). It changes the slot for good (W127). Default `false`. */
  readonly twoPhase?: boolean;
  /** `none` leaves out what the server itself received by replication (PostgreSQL 16). Default: the server's, `any`. */
  readonly origin?: "any" | "none";
  /** The server's major version, to refuse what it lacks before it is asked. Default: nothing is checked. */
  readonly serverVersion?: ServerVersion;
}

/** The server version that brought each protocol version. */
const serverOfProtocol = { 1: 10, 2: 14, 3: 15, 4: 16 } as const;

/**
 * `START_REPLICATION … LOGICAL` for a slot of pgoutput.
 * @throws ProtocolError `identifier_invalid`, `text_invalid`, `lsn_out_of_range`, `option_invalid`; `option_conflict`
 * when `protocolVersion` is too low for the other options (W128); `option_unsupported` for what `serverVersion` lacks.
 * @see https://www.postgresql.org/docs/current/protocol-logical-replication.html
 */
export function startReplication(options: StartReplicationOptions): string {
  const { slot, publications, startLsn, origin, serverVersion } = options;
  const streaming = oneOf(options.streaming ?? "off", ["off", "on", "parallel"], "streaming");
  const twoPhase = flag(options.twoPhase, "twoPhase");
  const protocolVersion = protocolFor(options.protocolVersion, streaming, twoPhase);
  requireServer(serverVersion, serverOfProtocol[protocolVersion], `Protocol version ${protocolVersion}`);
  const pluginOptions: Record<string, string> = {
    proto_version: String(protocolVersion),
    publication_names: publicationNames(publications),
  };
  for (const name of ["binary", "messages"] as const) {
    if (!flag(options[name], name)) continue;
    requireServer(serverVersion, 14, name);
    pluginOptions[name] = "true";
  }
  if (streaming !== "off") pluginOptions["streaming"] = streaming;
  if (twoPhase) pluginOptions["two_phase"] = "on";
  if (origin !== undefined) {
    requireServer(serverVersion, 16, "origin");
    pluginOptions["origin"] = oneOf(origin, ["any", "none"], "origin");
  }
  return startLogicalReplication({ slot, pluginOptions, ...(startLsn === undefined ? {} : { startLsn }) });
}

/** Options of {@link startLogicalReplication}. */
export interface StartLogicalReplicationOptions {
  /** The slot's name. */
  readonly slot: string;
  /** Default `0/0`: where the slot stands. */
  readonly startLsn?: Lsn;
  /** Handed to the output plugin in this order. Default: none. */
  readonly pluginOptions?: Readonly<Record<string, string>>;
}

/**
 * `START_REPLICATION … LOGICAL` for a slot of any output plugin; for pgoutput, {@link startReplication} knows the options.
 * @throws ProtocolError `identifier_invalid`, `text_invalid`, `lsn_out_of_range`.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function startLogicalReplication(options: StartLogicalReplicationOptions): string {
  const { slot, startLsn = ZERO_LSN, pluginOptions = {} } = options;
  const list = Object.entries(pluginOptions).map(([name, value]) => `${quoteIdentifier(name)} ${quoteLiteral(value)}`);
  const command = `START_REPLICATION SLOT ${quoteSlotName(slot)} LOGICAL ${formatLsn(startLsn)}`;
  return list.length === 0 ? command : `${command} (${list.join(", ")})`;
}

/** Options of {@link startPhysicalReplication}. */
export interface StartPhysicalReplicationOptions {
  /** Where to start; WAL from here must still be there. */
  readonly startLsn: Lsn;
  /** Default: none, so that the server may remove WAL this client still needs. */
  readonly slot?: string;
  /** Default: the server's current timeline. */
  readonly timeline?: number;
}

/**
 * `START_REPLICATION … PHYSICAL`: raw WAL.
 * @throws ProtocolError `identifier_invalid`, `lsn_out_of_range`, `option_invalid`.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function startPhysicalReplication({ startLsn, slot, timeline }: StartPhysicalReplicationOptions): string {
  const from = slot === undefined ? "" : ` SLOT ${quoteSlotName(slot)}`;
  const on = timeline === undefined ? "" : ` TIMELINE ${checkTimeline(timeline)}`;
  return `START_REPLICATION${from} PHYSICAL ${formatLsn(startLsn)}${on}`;
}

function protocolFor(
  wanted: PgoutputProtocolVersion | undefined,
  streaming: "off" | "on" | "parallel",
  twoPhase: boolean,
): PgoutputProtocolVersion {
  const needs: readonly (readonly [string, boolean, PgoutputProtocolVersion])[] = [
    ['streaming "parallel"', streaming === "parallel", 4],
    ["twoPhase", twoPhase, 3],
    ['streaming "on"', streaming === "on", 2],
  ];
  const [what, , least] = needs.find(([, used]) => used) ?? ["Replication", true, 1];
  if (wanted === undefined) return least;
  oneOf(wanted, [1, 2, 3, 4], "protocolVersion");
  if (wanted >= least) return wanted;
  throw new ProtocolError("option_conflict", `${what} needs protocolVersion ${least}; it is ${wanted}.`);
}

/** A list of SQL identifiers, as the server splits it (W96): quoted, so that commas, spaces and capitals stay. */
function publicationNames(publications: readonly string[]): string {
  if (publications.length === 0) {
    throw new ProtocolError("option_invalid", "publications is empty; the server would send nothing, or refuse.");
  }
  return publications.map(quoteIdentifier).join(",");
}
