/** What `handleData` gets in place of bytes when the stream has ended normally: compare with `===`. */
export const DONE: unique symbol = Symbol("@trunkline/replication.done");
