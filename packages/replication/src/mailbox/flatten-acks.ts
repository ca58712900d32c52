import type { Ack } from "../instruction.ts";

/** R34: one message for each element; an element that is a list is joined to one. */
export function flattenAcks(acks: readonly Ack[]): readonly Uint8Array[] {
  return acks.map((ack) => (ack instanceof Uint8Array ? ack : Buffer.concat(parts(ack))));
}

function parts(ack: Ack): readonly Uint8Array[] {
  return ack instanceof Uint8Array ? [ack] : ack.flatMap(parts);
}
