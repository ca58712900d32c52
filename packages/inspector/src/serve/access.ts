import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/**
 * Whether a request was meant for this server. A name that an attacker has pointed at this machine (DNS rebinding) is not
 * one of ours: an address, `localhost`, or the host that was listened on.
 */
export function isOwnHost(host: string | undefined, listenedOn: string): boolean {
  if (host === undefined) return false;
  const name = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(host);
  const hostname = name?.[1] ?? name?.[2];
  if (hostname === undefined) return false;
  return isIP(hostname) !== 0 || hostname === "localhost" || hostname === listenedOn;
}

/** Whether a page of this very server asks; a program that is no browser names no origin. */
export function isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}

/** Whether two tokens are the same, in a time that does not tell where they differ. */
export function isSameToken(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
