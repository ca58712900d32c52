// The public names of @trunkline/inspector.
export { inspector } from "./inspector.ts";
export { InspectorError, type InspectorErrorCode } from "./inspector-error.ts";
export { type Inspector, type InspectorOptions, startInspector, usualPort } from "./start-inspector.ts";
export type { StatelyFrame, StatelySnapshot } from "./stately/frames.ts";
export { type StatelyAdapter, type StatelyAdapterOptions, statelyAdapter } from "./stately/stately-adapter.ts";
export type {
  Answer,
  Chart,
  Crashes,
  Delta,
  Detail,
  Facet,
  Hello,
  Ladder,
  PageFrame,
  Plots,
  Proc,
  ProcChange,
  Reason,
  Ref,
  ServerFrame,
  Status,
  Tree,
} from "./wire.ts";
