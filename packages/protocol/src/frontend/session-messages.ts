import { checkText } from "../text.ts";
import { pgSerializer } from "./pg-protocol-serializer.ts";

/**
 * A simple query: one or more SQL statements, or one replication command.
 * @throws ProtocolError `text_invalid` when it has a zero byte or half a surrogate pair in it.
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SIMPLE-QUERY
 */
export function encodeQuery(sql: string): Buffer {
  return pgSerializer.query(checkText(sql, "The query"));
}

/**
 * The answer to a request for a cleartext password, or for md5 (see `md5Password`).
 * @throws ProtocolError `text_invalid`, without the password in it.
 */
export function encodePassword(password: string): Buffer {
  return pgSerializer.password(checkText(password, "The password"));
}

/** The first SASL message: the chosen mechanism and what it begins with. @throws ProtocolError `text_invalid`. */
export function encodeSaslInitialResponse(mechanism: string, response: string): Buffer {
  return pgSerializer.sendSASLInitialResponseMessage(
    checkText(mechanism, "The SASL mechanism"),
    checkText(response, "The SASL response"),
  );
}

/** A later SASL message. @throws ProtocolError `text_invalid`. */
export function encodeSaslResponse(response: string): Buffer {
  return pgSerializer.sendSCRAMClientFinalMessage(checkText(response, "The SASL response"));
}

/** Ends the client's half of a copy. */
export function encodeCopyDone(): Buffer {
  return pgSerializer.copyDone();
}

/** Ends a COPY FROM STDIN as failed; the server answers with an error that has this text. @throws ProtocolError `text_invalid`. */
export function encodeCopyFail(reason: string): Buffer {
  return pgSerializer.copyFail(checkText(reason, "The reason"));
}

/** Says goodbye; close the socket after it. */
export function encodeTerminate(): Buffer {
  return pgSerializer.end();
}
