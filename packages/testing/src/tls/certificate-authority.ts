import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { TestingError } from "../errors.ts";
import * as der from "./der.ts";

/** A server's identity for TLS and the authority that vouches for it, all as PEM. */
export interface ServerCertificates {
  /** Certificate of the authority: what a client trusts (`sslrootcert`, node's `ca`). */
  readonly ca: string;
  /** Certificate of the server, or of the client it was issued to. */
  readonly cert: string;
  /** Private key that goes with `cert`. */
  readonly key: string;
}

/** To whom a certificate is issued, and for how long. */
export interface IssueOptions {
  /** Common name; default `localhost`. For a client certificate: the role. */
  readonly commonName?: string;
  /** DNS names and IPv4 addresses it is good for; default `localhost` and `127.0.0.1`. */
  readonly hosts?: readonly string[];
  /** Default: yesterday. */
  readonly notBefore?: Date;
  /** Default: in a year. */
  readonly notAfter?: Date;
}

/** An authority that lives for one test run: whoever trusts `ca` trusts what it issues. */
export interface CertificateAuthority {
  /** Its own certificate, PEM. */
  readonly ca: string;
  /** @throws TestingError `option_invalid` for an IPv6 address among the hosts. */
  issue(options?: IssueOptions): ServerCertificates;
}

const dayMs = 86_400_000;

const ids = {
  commonName: der.oid("2.5.4.3"),
  ecdsaWithSha256: der.oid("1.2.840.10045.4.3.2"),
  keyUsage: der.oid("2.5.29.15"),
  subjectAltName: der.oid("2.5.29.17"),
  basicConstraints: der.oid("2.5.29.19"),
};

/** Makes an authority. Keys are elliptic (P-256): making one takes a millisecond. */
export function createCertificateAuthority(commonName = "trunkline tests"): CertificateAuthority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ca = certificate({
    issuer: commonName,
    issuerKey: keys.privateKey,
    subject: commonName,
    subjectKey: keys.publicKey,
    ...validity({}),
    extensions: [
      critical(ids.basicConstraints, der.sequence(der.boolean(true))),
      critical(ids.keyUsage, der.bitString(Buffer.from([0b0000_0110]), 1)), // keyCertSign, cRLSign
    ],
  });
  return {
    ca,
    issue: (options = {}) => {
      const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const cert = certificate({
        issuer: commonName,
        issuerKey: keys.privateKey,
        subject: options.commonName ?? "localhost",
        subjectKey: own.publicKey,
        ...validity(options),
        extensions: [
          der.sequence(ids.subjectAltName, der.octetString(hostNames(options.hosts ?? ["localhost", "127.0.0.1"]))),
        ],
      });
      return { ca, cert, key: own.privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
    },
  };
}

interface Contents {
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly subject: string;
  readonly subjectKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly der.Der[];
}

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
function certificate(contents: Contents): string {
  const algorithm = der.sequence(ids.ecdsaWithSha256);
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)]); // positive, and never the same twice
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))), // version 3
    der.integer(serial),
    algorithm,
    name(contents.issuer),
    der.sequence(der.time(contents.notBefore), der.time(contents.notAfter)),
    name(contents.subject),
    contents.subjectKey.export({ type: "spki", format: "der" }),
    der.explicit(3, der.sequence(...contents.extensions)),
  );
  const signature = sign("sha256", body, contents.issuerKey);
  return pem(der.sequence(body, algorithm, der.bitString(signature)));
}

const name = (commonName: string) => der.sequence(der.set(der.sequence(ids.commonName, der.utf8String(commonName))));

const critical = (id: der.Der, value: der.Der) => der.sequence(id, der.boolean(true), der.octetString(value));

function validity({ notBefore, notAfter }: IssueOptions): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: notBefore ?? new Date(now - dayMs), notAfter: notAfter ?? new Date(now + 365 * dayMs) };
}

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6 */
function hostNames(hosts: readonly string[]): der.Der {
  const names = hosts.map((host) => {
    switch (isIP(host)) {
      case 0:
        return der.tagged(0x82, Buffer.from(host, "latin1"));
      case 4:
        return der.tagged(0x87, Buffer.from(host.split(".").map(Number)));
      default:
        throw new TestingError("option_invalid", `No certificates for IPv6 addresses: ${host}.`);
    }
  });
  return der.sequence(...names);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
