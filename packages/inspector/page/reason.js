// An exit reason in words.
/** @import { Reason } from "../src/wire.ts" */

/**
 * The short name that is set in type of its own: an error's code, else its name, else the kind of exit.
 *
 * @param {Reason} reason
 */
export function reasonName(reason) {
  return reason.code ?? reason.name ?? reason.type;
}

/**
 * What follows the name: the message, with the error's own name where the code stands in front.
 *
 * @param {Reason} reason
 */
export function reasonText(reason) {
  const name = reason.code !== undefined && reason.name !== undefined && reason.name !== "Error" ? reason.name : "";
  const message = reason.message ?? "";
  return name !== "" && message !== "" ? `${name}: ${message}` : name || message;
}

/**
 * Both in one sentence part: `HandlerFailed TypeError: no such row`.
 *
 * @param {Reason} reason
 */
export function reasonWords(reason) {
  return `${reasonName(reason)} ${reasonText(reason)}`.trim();
}
