/** Wraps text so that it shows in a colour; without colours it stays as it is. */
export interface Colours {
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const plain = (text: string): string => text;
const sequence =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;

/** No colours at all. */
export const noColours: Colours = { red: plain, green: plain, yellow: plain, bold: plain, dim: plain };

const allColours: Colours = {
  red: sequence(31, 39),
  green: sequence(32, 39),
  yellow: sequence(33, 39),
  bold: sequence(1, 22),
  dim: sequence(2, 22),
};

/**
 * Colours for a terminal, unless `NO_COLOR` is set to anything or `TERM` is `dumb`.
 * @see https://no-color.org
 */
export function coloursFor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Colours {
  const refused = (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  return stream.isTTY === true && !refused ? allColours : noColours;
}
