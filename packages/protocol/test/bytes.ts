/** One piece of a message: text is UTF-8 as it is, an array is bytes. */
export type Piece = string | Uint8Array | readonly number[];

/** The pieces in a row. */
export function bytes(...pieces: readonly Piece[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : Uint8Array.from(piece))),
  );
}

/** A big-endian 16-bit integer; negative ones in two's complement. */
export const int16 = (value: number): readonly number[] => [(value >> 8) & 255, value & 255];

/** A big-endian 32-bit integer; negative ones in two's complement. */
export const int32 = (value: number): readonly number[] => [...int16(value >> 16), ...int16(value)];

/** Text with a zero byte behind it. */
export const cstring = (text: string): string => `${text}\0`;

/** The number of a one-letter message type. */
export const typeByte = (letter: string): number => letter.charCodeAt(0);
