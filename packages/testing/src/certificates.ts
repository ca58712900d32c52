/** A server's identity for TLS and the authority that vouches for it, all as PEM. */
export interface ServerCertificates {
  /** Certificate of the authority: what a client trusts (`sslrootcert`, `ssl.ca`). */
  readonly ca: string;
  /** Certificate of the server, for `localhost`, `127.0.0.1` and `::1`. */
  readonly cert: string;
  /** Private key of the server. */
  readonly key: string;
}
