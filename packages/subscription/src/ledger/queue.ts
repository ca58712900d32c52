/** A first-in, first-out queue as a value: adding and taking answer with another queue, at constant amortised cost. */
export interface Queue<Item> {
  readonly size: number;
  readonly front: Cell<Item> | undefined;
  readonly back: Cell<Item> | undefined;
}

interface Cell<Item> {
  readonly item: Item;
  readonly next: Cell<Item> | undefined;
}

const nothing: Queue<never> = { size: 0, front: undefined, back: undefined };

/** A queue of nothing. */
export const emptyQueue = <Item>(): Queue<Item> => nothing;

/** The queue with one item more, at its end. */
export function enqueue<Item>({ size, front, back }: Queue<Item>, item: Item): Queue<Item> {
  return front === undefined
    ? { size: size + 1, front: { item, next: undefined }, back }
    : { size: size + 1, front, back: { item, next: back } };
}

/** The oldest item and what remains; `undefined` of an empty queue. */
export function dequeue<Item>({ size, front, back }: Queue<Item>): readonly [Item, Queue<Item>] | undefined {
  if (front === undefined) return undefined;
  if (front.next !== undefined) return [front.item, { size: size - 1, front: front.next, back }];
  return [front.item, { size: size - 1, front: reversed(back), back: undefined }];
}

/** The oldest item; `undefined` of an empty queue. */
export const oldest = <Item>(queue: Queue<Item>): Item | undefined => queue.front?.item;

function reversed<Item>(cell: Cell<Item> | undefined): Cell<Item> | undefined {
  let result: Cell<Item> | undefined;
  for (let from = cell; from !== undefined; from = from.next) result = { item: from.item, next: result };
  return result;
}
