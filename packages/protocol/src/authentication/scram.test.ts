import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { startScram } from "./scram.ts";

/** The example of RFC 7677, section 3. */
const rfc = {
  nonce: "rOprNGfwEbeRWgbNEkqO",
  clientFirst: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  clientFinal:
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};

const start = (options: Partial<Parameters<typeof startScram>[0]> = {}) =>
  startScram({ nonce: rfc.nonce, user: "user", ...options });

const withCode = (code: string) => expect.objectContaining({ name: "ProtocolError", code });

test("the exchange of RFC 7677 is produced and accepted to the letter", async () => {
  const first = start();
  expect(first).toMatchObject({ mechanism: "SCRAM-SHA-256", message: rfc.clientFirst });
  const final = await first.respond(rfc.serverFirst, "pencil");
  expect(final.message).toBe(rfc.clientFinal);
  expect(() => final.verify(rfc.serverFinal)).not.toThrow();
});

describe("the server must prove itself", () => {
  test("a signature of another password is refused", async () => {
    const final = await start().respond(rfc.serverFirst, "another");
    expect(() => final.verify(rfc.serverFinal)).toThrow(withCode("server_unverified"));
  });

  test("a signature of another length is refused", async () => {
    const final = await start().respond(rfc.serverFirst, "pencil");
    expect(() => final.verify("v=6rri")).toThrow(withCode("server_unverified"));
  });

  test("an error in place of a signature is a refusal, with the server's word for it", async () => {
    const final = await start().respond(rfc.serverFirst, "pencil");
    expect(() => final.verify("e=invalid-proof")).toThrow(/"invalid-proof"/);
    expect(() => final.verify("e=invalid-proof")).toThrow(withCode("authentication_refused"));
  });

  test.each(["", "v=", "v=%%%", "x=1", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4", "e="])(
    "%j is no last message",
    async (serverFinal) => {
      const final = await start().respond(rfc.serverFirst, "pencil");
      expect(() => final.verify(serverFinal)).toThrow(withCode("authentication_malformed"));
    },
  );
});

describe("the server's first message", () => {
  test.each([
    ["another nonce", "r=somethingelse,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"],
    ["our nonce with nothing added", `r=${rfc.nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
  ])("with %s is refused: it may be a replay", async (_, serverFirst) => {
    await expect(start().respond(serverFirst, "pencil")).rejects.toThrow(withCode("server_unverified"));
  });

  test.each([
    "",
    "r=,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    `r=${rfc.nonce}x,i=4096`,
    `r=${rfc.nonce}x,s=,i=4096`,
    `r=${rfc.nonce}x,s=W22,i=4096`,
    `r=${rfc.nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0`,
    `r=${rfc.nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-4096`,
    `r=${rfc.nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096x`,
    `m=must,r=${rfc.nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`,
  ])("%j is malformed", async (serverFirst) => {
    await expect(start().respond(serverFirst, "pencil")).rejects.toThrow(withCode("authentication_malformed"));
  });

  test("an optional extension behind it is skipped, and signed", async () => {
    expect((await start().respond(`${rfc.serverFirst},x=1`, "pencil")).message).not.toBe(rfc.clientFinal);
  });

  test.each([1, 1000])("%d iterations are enough, as for libpq", async (iterations) => {
    const serverFirst = rfc.serverFirst.replace("4096", String(iterations));
    expect((await start().respond(serverFirst, "pencil")).message).toMatch(/^c=biws,/);
  });

  test.each([1_000_001, 2_147_483_647])("%d iterations are out of bounds, and not computed", async (iterations) => {
    const serverFirst = rfc.serverFirst.replace("4096", String(iterations));
    await expect(start().respond(serverFirst, "pencil")).rejects.toThrow(withCode("iterations_refused"));
  });

  test("the bounds can be moved", async () => {
    const serverFirst = rfc.serverFirst.replace("4096", "4095");
    await expect(start({ minIterations: 4096 }).respond(serverFirst, "pencil")).rejects.toThrow(
      withCode("iterations_refused"),
    );
    await expect(start({ maxIterations: 4000 }).respond(rfc.serverFirst, "pencil")).rejects.toThrow(
      /4096 SCRAM iterations/,
    );
  });
});

describe("channel binding", () => {
  test("with a certificate's hash it is -PLUS, and the hash is part of the proof", async () => {
    const bound = (data: Uint8Array) => start({ channelBinding: { type: "tlsServerEndPoint", data } });
    const first = bound(Uint8Array.of(1, 2, 3));
    expect(first).toMatchObject({
      mechanism: "SCRAM-SHA-256-PLUS",
      message: `p=tls-server-end-point,,n=user,r=${rfc.nonce}`,
    });
    const final = (await first.respond(rfc.serverFirst, "pencil")).message;
    const binding = Buffer.from(/^c=([^,]+),/.exec(final)?.[1] ?? "", "base64");
    expect(binding).toEqual(Buffer.from("p=tls-server-end-point,,\x01\x02\x03"));
    expect((await bound(Uint8Array.of(9)).respond(rfc.serverFirst, "pencil")).message).not.toBe(final);
  });

  test("a client that could bind says so when the server offers nothing to bind to", async () => {
    const first = start({ channelBinding: { type: "notOffered" } });
    expect(first.message).toBe(`y,,n=user,r=${rfc.nonce}`);
    expect((await first.respond(rfc.serverFirst, "pencil")).message).toMatch(/^c=eSws,/);
  });
});

test("a password is SASLprep'd: a full-width letter and a soft hyphen make the same proof as the plain word", async () => {
  const plain = (await start().respond(rfc.serverFirst, "pencil")).message;
  expect((await start().respond(rfc.serverFirst, "ｐen\u00adcil")).message).toBe(plain);
});

test("a password that SASLprep forbids is used as it is, as libpq and the server do", async () => {
  const raw = (await start().respond(rfc.serverFirst, "pen\u0007cil")).message;
  expect(raw).not.toBe((await start().respond(rfc.serverFirst, "pencil")).message);
  expect(raw).toMatch(/,p=[A-Za-z0-9+/]{43}=$/);
});

test("commas and equals signs in a user name are escaped; without a name it is empty, as in libpq", () => {
  expect(start({ user: "a=b,c" }).message).toBe(`n,,n=a=3Db=2Cc,r=${rfc.nonce}`);
  expect(startScram({ nonce: "abc" }).message).toBe("n,,n=,r=abc");
});

test.each(["", "a,b", "a b", "é"])("the nonce %j is refused", (nonce) => {
  expect(() => startScram({ nonce })).toThrow(withCode("option_invalid"));
});

test("nothing that is returned shows the password when it is printed", async () => {
  const first = start();
  const shown = inspect([first, await first.respond(rfc.serverFirst, "pencil")], { depth: 9, showHidden: true });
  expect(shown).not.toContain("pencil");
});
