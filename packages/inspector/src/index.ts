// The public names of @trunkline/inspector.
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
  Reason,
  Ref,
  ServerFrame,
  Status,
  Tree,
} from "./wire.ts";
