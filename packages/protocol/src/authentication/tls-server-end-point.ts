import { createHash } from "node:crypto";
import { ProtocolError } from "../protocol-error.ts";
import { type DerElement, readDerElement, readDerOid } from "./der.ts";

const RSASSA_PSS = "1.2.840.113549.1.1.10";

/** Signature algorithm → hash. RFC 5929 takes SHA-256 in place of MD5 and SHA-1. */
const signatureHashes: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.1.4", "sha256"], // RSA with MD5
  ["1.2.840.113549.1.1.5", "sha256"], // RSA with SHA-1
  ["1.2.840.113549.1.1.11", "sha256"],
  ["1.2.840.113549.1.1.12", "sha384"],
  ["1.2.840.113549.1.1.13", "sha512"],
  ["1.2.840.113549.1.1.14", "sha224"],
  ["1.2.840.10045.4.1", "sha256"], // ECDSA with SHA-1
  ["1.2.840.10045.4.3.1", "sha224"],
  ["1.2.840.10045.4.3.2", "sha256"],
  ["1.2.840.10045.4.3.3", "sha384"],
  ["1.2.840.10045.4.3.4", "sha512"],
  ["1.2.840.10040.4.3", "sha256"], // DSA with SHA-1
  ["2.16.840.1.101.3.4.3.1", "sha224"],
  ["2.16.840.1.101.3.4.3.2", "sha256"],
]);

/** Hash algorithm, as the parameters of RSASSA-PSS name it → hash. */
const pssHashes: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.2.5", "sha256"], // MD5
  ["1.3.14.3.2.26", "sha256"], // SHA-1
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
  ["2.16.840.1.101.3.4.2.4", "sha224"],
]);

/**
 * The channel binding data `tls-server-end-point`: the hash of the server's certificate (DER), by the hash of the
 * certificate's own signature. `undefined` where the standard defines none, as for Ed25519.
 * @throws ProtocolError `message_malformed` or `message_truncated` when the bytes are no certificate.
 * @see https://www.rfc-editor.org/rfc/rfc5929#section-4
 */
export function tlsServerEndPoint(certificate: Uint8Array): Uint8Array | undefined {
  const hash = certificateHashAlgorithm(certificate);
  return hash === undefined ? undefined : Uint8Array.from(createHash(hash).update(certificate).digest());
}

/**
 * The name of that hash as node:crypto knows it, such as `"sha384"`; `undefined` where there is none.
 * @throws ProtocolError `message_malformed` or `message_truncated` when the bytes are no certificate.
 */
export function certificateHashAlgorithm(certificate: Uint8Array): string | undefined {
  // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID, parameters }, signature }
  const outer = expectSequence(readDerElement(certificate, 0));
  const signed = expectSequence(readDerElement(outer.content, 0));
  const algorithm = expectSequence(readDerElement(outer.content, signed.end));
  const id = readDerElement(algorithm.content, 0);
  const oid = readDerOid(id);
  return oid === RSASSA_PSS ? pssHash(algorithm.content, id.end) : signatureHashes.get(oid);
}

/** RSASSA-PSS-params ::= SEQUENCE { [0] hashAlgorithm SEQUENCE { OID … } DEFAULT sha1, … } */
function pssHash(algorithm: Uint8Array, offset: number): string | undefined {
  if (offset === algorithm.length) return "sha256";
  const parameters = expectSequence(readDerElement(algorithm, offset));
  if (parameters.content.length === 0) return "sha256";
  const first = readDerElement(parameters.content, 0);
  if (first.tag !== 0xa0) return "sha256";
  const hash = expectSequence(readDerElement(first.content, 0));
  return pssHashes.get(readDerOid(readDerElement(hash.content, 0)));
}

function expectSequence(element: DerElement): DerElement {
  if (element.tag === 0x30) return element;
  throw new ProtocolError("message_malformed", "The TLS certificate is not DER as X.509 demands.");
}
