// The public names of @trunkline/subscription, one block for each idea.

export { type Checkpoint, type CheckpointStore, formatCheckpoint, parseCheckpoint } from "./checkpoint/checkpoint.ts";
export { type Classified, classify } from "./errors/classify.ts";
export type { ErrorAction } from "./errors/rule.ts";
export { SubscriptionError, type SubscriptionErrorCode } from "./errors/subscription-error.ts";
export { comparePositions, formatPosition, type Position, parsePosition } from "./position/position.ts";
export type { SlotRow, SystemIdentity, TimelineEnd } from "./slot/slot-facts.ts";
export {
  judgeSlot,
  type LostBecause,
  type MissingBecause,
  type SlotVerdict,
  type VerdictFacts,
} from "./slot/slot-verdict.ts";
