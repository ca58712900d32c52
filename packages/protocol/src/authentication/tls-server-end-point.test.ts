import { describe, expect, test } from "vitest";
import { certificateHashAlgorithm, tlsServerEndPoint } from "./tls-server-end-point.ts";

/** Made by `openssl req -x509`; the hashes by `openssl x509 -outform der | openssl dgst`. */
const certificates = [
  {
    signature: "ecdsa-with-SHA384",
    hash: "sha384",
    digest: "a1cc420cdcb5d6cfd56f1b7d4306947f1ba0ed3c3df916a7258236483424967bbdab2d9a4d191270813c4b9e46074ac3",
    der:
      "MIIBcDCCARWgAwIBAgIUaMn1i4Cw7JPWDcWCCEGyB2TR8DAwCgYIKoZIzj0EAwMwDDEKMAgGA1UEAwwBdDAgFw0yNjExMjIxNjQ4MzJaGA8yMT" +
      "I2MTAyOTE2NDgzMlowDDEKMAgGA1UEAwwBdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIWJJrpV4jD/QhEPPjsuVUJv2VpO8xmA/qvt2iOP" +
      "8IoLp1DzP4Gq4k1B/sFQUgEYmA1LXr8Ha5k9vQWIuYbNy/mjUzBRMB0GA1UdDgQWBBR8YLwZyp6jQt72wDPA5GUIWpULbzAfBgNVHSMEGDAWgB" +
      "R8YLwZyp6jQt72wDPA5GUIWpULbzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMDA0kAMEYCIQCe6Hl0RNY6UTuXcmLNYzq1XBeIZXe13X/+" +
      "EyexpAKH0QIhANsf0SF+miRjkgZ8c+0+V+TEcnUqy801is/oaAT81zBC",
  },
  {
    signature: "RSASSA-PSS with SHA-512",
    hash: "sha512",
    digest:
      "6cfb87d153cc8fe03c86f111462195993ba9adbf25e4c29db3661b846faa1310d28feea210e59aae5c914008d621b2abeba2ea73c0a602eb30ef755eebbc5a8f",
    der:
      "MIICXjCCAZOgAwIBAgIUMsNNctow240JUNbkWRD6p+KnosIwQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCD" +
      "ANBglghkgBZQMEAgMFAKIDAgE+MAwxCjAIBgNVBAMMAXQwIBcNMjYxMTIyMTY0ODMzWhgPMjEyNjEwMjkxNjQ4MzNaMAwxCjAIBgNVBAMMAXQw" +
      "gZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAMDbf0nc9EWs//AoB7uxCci0zNQ9myDsB9J1l6dnLtdSe1QmvAgCvzN4e1Jt/v8lcaP19xzTyi" +
      "p4V3MG1zAyhhC2t2JbRUeasO2YKBH9/ATPb5NhbEeqoQYKtho8diSIPv1E1s+AUwSz9LzT556hzaQ4WdOqxRwIHyL3pLSHv6FVAgMBAAGjUzBR" +
      "MB0GA1UdDgQWBBTZDLFBAEuRC7oXzGmHsP5zxCFaOzAfBgNVHSMEGDAWgBTZDLFBAEuRC7oXzGmHsP5zxCFaOzAPBgNVHRMBAf8EBTADAQH/ME" +
      "EGCSqGSIb3DQEBCjA0oA8wDQYJYIZIAWUDBAIDBQChHDAaBgkqhkiG9w0BAQgwDQYJYIZIAWUDBAIDBQCiAwIBPgOBgQAfA2EoIDP5/IQ+qO8H" +
      "lAC+iZAuSjC1WIcLtaaDeXk2WBAfC/2JTiEzJroztdbZiA2IaAesZVPWKo0vX9U+hZmgrRW37XU1Ggek27oMrojpLuI68+qhYa0a6aZgWlBD7Q" +
      "OxPg7CXE9yfXV2xzFvPsd40+sqiwjhhljrxNurTQwKcg==",
  },
  {
    signature: "RSA with SHA-1",
    hash: "sha256",
    digest: "e9368ecd581ea3c26dc06f2f232209d8c414565c04d65c2f994033371afbc32e",
    der:
      "MIIB9jCCAV+gAwIBAgIUKYiPKvk6ACpylYK6erf2a6va4vEwDQYJKoZIhvcNAQEFBQAwDDEKMAgGA1UEAwwBdDAgFw0yNjExMjIxNjQ4MzNaGA" +
      "8yMTI2MTAyOTE2NDgzM1owDDEKMAgGA1UEAwwBdDCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEAtwWQGmcuCuwFfPek4/ibUyxHwSYdeXv1" +
      "OB/NwsMjFFJh37SG1onTBexStCSKcJQ2dEpUBLsN8Cix2oSvJBMTqNv6zcski6V53DJEWZ1mkaEIGBVV01fyeSisHnBXktX1XjdWgroLKzorxx" +
      "hZUqY1Di2CeNefh6UcYm5RNd/yO08CAwEAAaNTMFEwHQYDVR0OBBYEFFsAo+0N/LHyZpuhFVGfyjPzK65VMB8GA1UdIwQYMBaAFFsAo+0N/LHy" +
      "ZpuhFVGfyjPzK65VMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQEFBQADgYEAGPEOfr6kf+mqf5Id/eWhsST6KpBKmTxUlHjyF2GEMf1Kha" +
      "FttCZ8mWw2y84Tlg8h9FqtauMzSrtrr2rUxKgwjxa3TWfFt0yYfYWNvnetImvYC+5j4G+Zz/pWvVlDbQY36YB+4FcuQNNShynQpyQSJir/HyQC" +
      "otwWt01Xhspxgeg=",
  },
];

const ed25519 =
  "MIIBLjCB4aADAgECAhR6kLf3xg95wO8U579hsWrtNUpvOTAFBgMrZXAwDDEKMAgGA1UEAwwBdDAgFw0yNjExMjIxNjQ4MzNaGA8yMTI2MTAyOT" +
  "E2NDgzM1owDDEKMAgGA1UEAwwBdDAqMAUGAytlcAMhAP7mxONpV9IcNNIVtfD3W2EVN7DmYiMadP2u4CkRLZE8o1MwUTAdBgNVHQ4EFgQUVCaD" +
  "FS3/NSzAOCTC5BZ93yJsJFowHwYDVR0jBBgwFoAUVCaDFS3/NSzAOCTC5BZ93yJsJFowDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQBOw5Wppa" +
  "bqnpJTZFj5k614XF7D57r3jaPaV/qCY8hAiIy79z1t2Q/IJGLhFfskGbVM4iyqFWFRhw12yJtTwa4N";

const der = (tag: number, ...content: readonly (readonly number[])[]): readonly number[] => {
  const bytes = content.flat();
  return [tag, ...(bytes.length < 128 ? [bytes.length] : [0x82, bytes.length >> 8, bytes.length & 255]), ...bytes];
};

const oid = (dotted: string): readonly number[] => {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const base128 = (part: number): readonly number[] =>
    part < 128 ? [part] : [...base128(part >> 7).map((byte) => byte | 128), part & 127];
  return der(0x06, [first * 40 + second, ...rest].flatMap(base128));
};

/** The outline of a certificate: something signed, the algorithm, a signature. */
const certificateSignedBy = (...algorithm: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from(der(0x30, der(0x30, new Array<number>(200).fill(0)), der(0x30, ...algorithm), der(0x03, [0])));

const withCode = (code: string) => expect.objectContaining({ name: "ProtocolError", code });

describe("a real certificate", () => {
  test.each(certificates)("signed by $signature is hashed by $hash", ({ der: text, hash, digest }) => {
    const certificate = Buffer.from(text, "base64");
    expect(certificateHashAlgorithm(certificate)).toBe(hash);
    expect(Buffer.from(tlsServerEndPoint(certificate) ?? []).toString("hex")).toBe(digest);
  });

  test("signed by Ed25519 has no such hash", () => {
    expect(tlsServerEndPoint(Buffer.from(ed25519, "base64"))).toBeUndefined();
  });

  test("cut short before its algorithm is refused", () => {
    const certificate = Buffer.from(ed25519, "base64");
    for (let length = 0; length < certificate.length; length++) {
      expect(() => tlsServerEndPoint(certificate.subarray(0, length))).toThrow(withCode("message_truncated"));
    }
  });
});

describe("by the algorithm of the signature", () => {
  test.each([
    ["1.2.840.113549.1.1.4", "sha256"],
    ["1.2.840.113549.1.1.5", "sha256"],
    ["1.2.840.113549.1.1.11", "sha256"],
    ["1.2.840.113549.1.1.12", "sha384"],
    ["1.2.840.113549.1.1.13", "sha512"],
    ["1.2.840.113549.1.1.14", "sha224"],
    ["1.2.840.10045.4.1", "sha256"],
    ["1.2.840.10045.4.3.1", "sha224"],
    ["1.2.840.10045.4.3.2", "sha256"],
    ["1.2.840.10045.4.3.3", "sha384"],
    ["1.2.840.10045.4.3.4", "sha512"],
    ["2.16.840.1.101.3.4.3.2", "sha256"],
    ["1.3.101.112", undefined],
    ["1.3.101.113", undefined],
  ])("%s: %s", (algorithm, hash) => {
    expect(certificateHashAlgorithm(certificateSignedBy(oid(algorithm), [0x05, 0x00]))).toBe(hash);
  });

  test.each([
    ["no parameters at all", [], "sha256"],
    ["empty parameters, which mean SHA-1", [der(0x30)], "sha256"],
    ["only a salt length", [der(0x30, der(0xa2, der(0x02, [32])))], "sha256"],
    ["SHA-1", [der(0x30, der(0xa0, der(0x30, oid("1.3.14.3.2.26"))))], "sha256"],
    ["SHA-384", [der(0x30, der(0xa0, der(0x30, oid("2.16.840.1.101.3.4.2.2"))))], "sha384"],
    ["a hash nobody knows", [der(0x30, der(0xa0, der(0x30, oid("1.2.3"))))], undefined],
  ])("RSASSA-PSS with %s: %s", (_, parameters, hash) => {
    expect(certificateHashAlgorithm(certificateSignedBy(oid("1.2.840.113549.1.1.10"), ...parameters))).toBe(hash);
  });
});

test.each([
  ["PEM text", [...Buffer.from("-----BEGIN CERTIFICATE-----\n".padEnd(64, "A"))]],
  ["a set in place of a sequence", der(0x31, der(0x30), der(0x30, oid("1.2.3")))],
  ["an algorithm without an identifier", der(0x30, der(0x30), der(0x30, der(0x05)))],
  ["an indefinite length", [0x30, 0x80, 0, 0]],
])("%s is no certificate", (_, bytes) => {
  expect(() => tlsServerEndPoint(Uint8Array.from(bytes))).toThrow(withCode("message_malformed"));
});
