/** Numbers from 0 up to 2^32 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

const letters = "abcdefghijklmnopqrstuvwxyz012345";

/** `length` letters and digits. */
export function randomText(random: () => number, length: number): string {
  let text = "";
  while (text.length < length) {
    let bits = random();
    for (let letter = 0; letter < 6 && text.length < length; letter += 1) {
      text += letters[bits & 31];
      bits >>>= 5;
    }
  }
  return text;
}
