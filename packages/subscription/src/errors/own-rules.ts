import type { ProtocolErrorCode } from "@trunkline/protocol";
import type {
  AuthenticationErrorCode,
  ConfigErrorCode,
  ConnectionErrorKind,
  ProtocolMisuseCode,
  ReplicationErrorCode,
} from "@trunkline/replication";
import { ifSlotIsWell, later, never, now, type Rule } from "./rule.ts";
import { remedyOf, type SubscriptionErrorCode } from "./subscription-error.ts";

type Rules<Code extends string> = Readonly<Record<Code, Rule>>;

const defect = never("This is a mistake in the subscription: report it with the cause.");
const option = never("Correct the options; trying again can't help.");

/** Every end of a connection. W38: a FIN without a word is the timeout, and says nothing of the slot. */
export const connectionRules: Rules<ConnectionErrorKind> = {
  closed: ifSlotIsWell(
    now("Nothing, if it happens rarely; often: is wal_sender_timeout longer than the network sleeps?"),
  ),
  reset: later("See whether the server crashed or a firewall intervened; changes wait in the slot."),
  refused: later("Nothing, if the server is restarting; else check host and port: changes wait in the slot."),
  timeout: later("Check the network and the firewalls on the way; changes wait in the slot."),
  unreachable: later("Check the network; changes wait in the slot."),
  not_found: later("Check the host's name; a resolver that is down passes by itself."),
  denied: never("Correct the permissions of the socket."),
  tls_unavailable: never("Turn ssl on in postgresql.conf, or, where plaintext will do, connect with ssl: false."),
  tls_failed: never("Give the authority's certificate as ssl.ca, or the certificate's name as ssl.servername."),
  wrong_server_type: later("Nothing, during a failover; else correct the endpoints or targetServerType."),
  protocol: never("What listens there does not speak Postgres' protocol: check host and port."),
  aborted: never("Nothing: the subscription was stopped."),
  all_endpoints_failed: later("See the error of each endpoint; changes wait in the slot."),
  other: later("See the cause; changes wait in the slot."),
};

/** Where we refused to log in. */
export const authenticationRules: Rules<AuthenticationErrorCode> = {
  password_missing: never("Set the password."),
  password_unavailable: later("See why the password function failed; it is called again."),
  method_refused: never("Change requireAuth, or the method of this user in pg_hba.conf."),
  method_unsupported: never("Set scram-sha-256 for this user in pg_hba.conf."),
  channel_binding_unavailable: never(
    "Use TLS and a password stored as scram-sha-256, or set channelBinding to prefer.",
  ),
  server_unverified: never("Somebody else may be answering for the server: check the host and the network."),
  exchange_failed: never("Check the password; see the cause and the server's log."),
};

/** Where the connection gave up. */
export const replicationRules: Rules<ReplicationErrorCode> = {
  bad_return: defect,
  bad_init: defect,
  missing_callback: defect,
  not_connected: later("Nothing: it is tried again when the connection is back."),
  stream_in_progress: defect,
  no_stream: defect,
  liveness_timeout: now("Nothing, if it happens rarely: the peer was gone without a word."),
  stream_start_timeout: later("See what the server does: a stream starts when its WAL is found."),
  reconnect_attempts_exhausted: never("See the cause of the last attempt; then restart the subscription."),
  aborted: never("Nothing: the subscription was stopped."),
};

/** Bytes or values that break the protocol. A fresh connection gets rid of lost bytes, not of a value. */
export const protocolRules: Rules<ProtocolErrorCode> = {
  lsn_malformed: never("Correct the LSN."),
  lsn_out_of_range: never("Correct the LSN."),
  clock_out_of_range: defect,
  frame_length_invalid: later("Bytes were lost on the way: is a proxy between?"),
  message_truncated: later("Bytes were lost on the way: is a proxy between?"),
  message_oversized: later("Bytes were lost on the way: is a proxy between?"),
  message_malformed: later("Bytes were changed on the way, or the server is not Postgres."),
  message_unknown: never("The server sends what this version does not know: upgrade."),
  relation_unknown: later("A message was missed; the server describes its tables again."),
  value_malformed: never("Correct the parser of the type that the message names."),
  decoder_failed: later("See the error before; the stream starts again."),
  identifier_invalid: option,
  text_invalid: option,
  option_invalid: option,
  option_conflict: option,
  option_unsupported: option,
  authentication_unsupported: never("Set another method for this user in pg_hba.conf."),
  authentication_malformed: never("Make sure that the host is the Postgres you mean."),
  authentication_refused: never("Check the user name and the password."),
  iterations_refused: never("Set scram_iterations on the server within the bounds, and the password again."),
  server_unverified: never("Somebody else may be answering for the server: check the host and the network."),
};

/** Options. */
export const configRules: Rules<ConfigErrorCode> = {
  option_unknown: option,
  option_invalid: option,
  option_missing: option,
  option_conflict: option,
  connection_string_invalid: option,
};

/** Statements that were used where they can't be. */
export const misuseRules: Rules<ProtocolMisuseCode> = {
  copy_in_query: defect,
  copy_in_unsupported: defect,
  not_a_stream: defect,
  session_busy: defect,
  not_streaming: defect,
};

/** Limits of time. */
export const timeoutRules: Rules<"handshake_timeout" | "query_timeout"> = {
  handshake_timeout: later("Check that the host is a Postgres server and not overloaded."),
  query_timeout: later("See in pg_stat_activity what the query waited for."),
};

const refused = (code: SubscriptionErrorCode): Rule => never(remedyOf(code));

/** What the subscription itself refuses. */
export const subscriptionRules: Rules<SubscriptionErrorCode> = {
  option_invalid: refused("option_invalid"),
  streaming_unsupported: refused("streaming_unsupported"),
  prerequisites_missing: refused("prerequisites_missing"),
  publication_missing: refused("publication_missing"),
  publication_differs: refused("publication_differs"),
  slot_missing: refused("slot_missing"),
  temporary_slot_gone: refused("temporary_slot_gone"),
  slot_lost: refused("slot_lost"),
  slot_in_use: later(remedyOf("slot_in_use")),
  slot_unsuitable: refused("slot_unsuitable"),
  server_behind: refused("server_behind"),
  other_system: refused("other_system"),
  owned_elsewhere: refused("owned_elsewhere"),
  checkpoint_malformed: refused("checkpoint_malformed"),
  checkpoint_foreign: refused("checkpoint_foreign"),
  checkpoint_stale: refused("checkpoint_stale"),
  position_malformed: refused("position_malformed"),
  copy_malformed: refused("copy_malformed"),
  snapshot_gone: later(remedyOf("snapshot_gone")),
  stream_ended: later(remedyOf("stream_ended")),
  transaction_cut: now(remedyOf("transaction_cut")),
  handler_failed: refused("handler_failed"),
  park_failed: refused("park_failed"),
};
