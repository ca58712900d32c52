// The public names of @trunkline/subscription, one block for each idea.

export { type Checkpoint, type CheckpointStore, formatCheckpoint, parseCheckpoint } from "./checkpoint/checkpoint.ts";
// Positions that a sink keeps
export { type FileCheckpointOptions, fileCheckpoint } from "./checkpoint/file-checkpoint.ts";
export {
  type PostgresCheckpoint,
  type PostgresCheckpointOptions,
  postgresCheckpoint,
  type QueryClient,
} from "./checkpoint/postgres-checkpoint.ts";
// Set-up
export { describeFindings } from "./doctor/describe-findings.ts";
export { type Diagnosis, type DoctorOptions, type DoctorSubject, doctor } from "./doctor/doctor.ts";
export type { Finding, FindingCode, Severity } from "./doctor/finding.ts";
export { type Classified, classify } from "./errors/classify.ts";
export type { ErrorAction } from "./errors/rule.ts";
export { SubscriptionError, type SubscriptionErrorCode } from "./errors/subscription-error.ts";
// Why isn't my slot advancing?
export type { Answer, AnswerCode, Tone } from "./explain/answer.ts";
export { type BudgetLine, budgetLine } from "./explain/budget-line.ts";
export { explain } from "./explain/explain.ts";
export type { ConnectionFacts, ExplainFacts, HandlerFacts, OldestOpen, SampledFacts } from "./explain/facts.ts";
export { bytes as bytesInWords, duration as durationInWords } from "./explain/words.ts";
export { healthChannelNames } from "./health/health-channels.ts";
export type { HealthEvent } from "./health/health-event.ts";
export type { HealthState } from "./health/health-report.ts";
export {
  type HealthSamplerInput,
  healthSampler,
  slotSampler,
  type TakeSample,
} from "./health/health-sampler.ts";
export type { SlotSample } from "./health/slot-sample.ts";
export type { WalAlarm, WalLevel } from "./health/wal-alarm.ts";
export { type HealthSample, type WalBudget, walBudget } from "./health/wal-budget.ts";
// The subscription
export type { FailureOptions, HealthOptions, SourceOptions, SubscriptionOptions } from "./options.ts";
export type { Ownership } from "./ownership/decide-ownership.ts";
export { comparePositions, formatPosition, type Position, parsePosition } from "./position/position.ts";
export type { Operation, PublicationSpec, TableSpec } from "./publication/publication-spec.ts";
export { connectForSql, pinned, pinnedSettings } from "./session/sql-session.ts";
export { createPublications, type PublicationsReady } from "./setup/create-publications.ts";
export { type CreatedSlot, type CreateSlotOptions, createSlot } from "./setup/create-slot.ts";
export { parseSlotRow, type SlotRow, type SystemIdentity, type TimelineEnd } from "./slot/slot-facts.ts";
export {
  judgeSlot,
  type LostBecause,
  type MissingBecause,
  type SlotVerdict,
  type VerdictFacts,
} from "./slot/slot-verdict.ts";
export { type SnapshotDone, type SnapshotHandlers, type SnapshotOptions, takeSnapshot } from "./snapshot/snapshot.ts";
export type {
  Altered,
  AnyChange,
  Deleted,
  Emitted,
  Inserted,
  OldTuple,
  Relations,
  StandaloneMessage,
  SubscriptionChange,
  Truncated,
  Updated,
} from "./stream/change.ts";
export type { IntakeLimits } from "./stream/intake.ts";
export type { RelationDiff } from "./stream/relation-diff.ts";
export type { Drained, Stats, SubscriptionCalls } from "./stream/subscription-calls.ts";
export type { SubscriptionRef } from "./stream/subscription-ref.ts";
export { type SubscriptionEvents, subscriptionChannelNames } from "./stream/telemetry.ts";
export type { Transaction } from "./stream/transaction.ts";
export { type ConfirmableTransaction, type SubscribeOptions, subscribe } from "./subscribe.ts";
export {
  pauseSubscription,
  resumeSubscription,
  serverView,
  startSubscription,
  stopSubscription,
  subscription,
  subscriptionStats,
} from "./subscription.ts";
