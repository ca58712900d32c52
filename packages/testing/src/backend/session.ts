import { type BackendMessage, cstring, int32, message } from "./message.ts";

/** Reports a setting, at start or whenever it changes. */
export const parameterStatus = (name: string, value: string): BackendMessage =>
  message("S", cstring(name), cstring(value));

/** What a client needs to cancel: 4 bytes of key up to protocol 3.0, up to 256 from 3.2. */
export const backendKeyData = (pid: number, key: Uint8Array): BackendMessage => message("K", int32(pid), key);

/** `I` idle, `T` in a transaction, `E` in a failed one. */
export type TransactionStatus = "I" | "T" | "E";

/** The server waits for the next command. */
export const readyForQuery = (status: TransactionStatus = "I"): BackendMessage =>
  message("Z", Buffer.from(status, "latin1"));

/** The server speaks an older minor version, and knows none of these options. */
export const negotiateProtocolVersion = (minor: number, unknown: readonly string[] = []): BackendMessage =>
  message("v", int32(minor), int32(unknown.length), ...unknown.map(cstring));

/** LISTEN's answer. */
export const notificationResponse = (pid: number, channel: string, payload: string): BackendMessage =>
  message("A", int32(pid), cstring(channel), cstring(payload));
