import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import { createCertificateAuthority, type ServerCertificates } from "./certificate-authority.ts";

test("a certificate names its hosts, its issuer and its days", () => {
  const authority = createCertificateAuthority("the house");
  const notAfter = new Date("2051-02-03T04:05:06Z");
  const cert = new X509Certificate(
    authority.issue({ commonName: "db", hosts: ["db.test", "127.0.0.2"], notAfter }).cert,
  );
  expect(cert.subjectAltName).toBe("DNS:db.test, IP Address:127.0.0.2");
  expect(cert.subject).toBe("CN=db");
  expect(cert.issuer).toBe("CN=the house");
  expect(new Date(cert.validTo)).toEqual(notAfter);
  expect(cert.ca).toBe(false);
  const ca = new X509Certificate(authority.ca);
  expect(ca.ca).toBe(true);
  expect(cert.verify(ca.publicKey)).toBe(true);
});

test("a client that trusts the authority connects with verification", async () => {
  const authority = createCertificateAuthority();
  expect(await handshake(authority.issue(), authority.ca)).toBe("authorized");
});

test("another authority, another host and an expired certificate are refused", async () => {
  const authority = createCertificateAuthority();
  expect(await handshake(authority.issue(), createCertificateAuthority().ca)).toBe("CERT_SIGNATURE_FAILURE");
  expect(await handshake(authority.issue({ hosts: ["elsewhere.test"] }), authority.ca)).toBe(
    "ERR_TLS_CERT_ALTNAME_INVALID",
  );
  expect(await handshake(authority.issue({ notAfter: new Date("2024-01-01") }), authority.ca)).toBe("CERT_HAS_EXPIRED");
});

test("a host it can't write is refused", () => {
  expect(() => createCertificateAuthority().issue({ hosts: ["::1"] })).toThrow(/IPv6/);
});

/** What a client that trusts `ca` makes of a server with these certificates. */
async function handshake(certificates: ServerCertificates, ca: string): Promise<string> {
  const server = createServer({ cert: certificates.cert, key: certificates.key });
  server.on("tlsClientError", () => {}); // the client's refusal
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const socket: TLSSocket = connect({ port, host: "127.0.0.1", servername: "localhost", ca });
  try {
    await once(socket, "secureConnect");
    return "authorized";
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
    server.close();
  }
}
