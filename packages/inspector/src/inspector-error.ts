const remedies = {
  address_in_use: "Choose another port, or leave it out: then a free one is taken when the usual one is not free.",
  cannot_listen: "Choose a host that is an address of this machine, and a port that this user may open.",
  invalid_option: "See InspectorOptions.",
} as const;

/** Why an inspector could not be started. */
export type InspectorErrorCode = keyof typeof remedies;

/** An inspector could not be started. `code` says why, the message also what to do. */
export class InspectorError extends Error {
  override readonly name = "InspectorError";
  readonly code: InspectorErrorCode;

  constructor(code: InspectorErrorCode, what: string, options?: ErrorOptions) {
    super(`${what} ${remedies[code]}`, options);
    this.code = code;
  }
}
