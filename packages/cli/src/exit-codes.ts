/** What the command's exit codes mean. They are part of its interface: a code never gets another meaning. */
export const exitCodes = {
  /** Done; or ended by the first Ctrl-C, by `--limit`, or because nobody reads the output any more. */
  ok: 0,
  /** The answer is no: the doctor found something missing, or a slot was not dropped. */
  no: 1,
  /** The command line can't be meant like this; nothing was done. */
  usage: 2,
  /** The server can't be reached, or refuses the login. */
  connection: 3,
  /** The server answered, and it went wrong all the same. */
  failed: 4,
  /** Ended by a second Ctrl-C, without tidying up. */
  interrupted: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
