import { isProcess, shownState } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import type { TreeNode } from "../tree/node.ts";
import type { Answer, Detail, Ladder } from "../wire.ts";
import { type Charts, edgeId, eventLabel } from "./chart.ts";
import { shownAnswer, shownLadder } from "./facts.ts";
import { seenSnapshot } from "./snapshot.ts";
import { activeIds, statePath } from "./state-value.ts";
import { contextText } from "./text.ts";

/** Everything that is shown of the selected process. */
export interface DetailParts {
  readonly node: TreeNode;
  readonly actor: AnyActorRef;
  /** The process whose statechart speaks for it: itself, or the one that its metadata names. */
  readonly speaker: { readonly node: TreeNode; readonly actor: AnyActorRef };
  readonly charts: Charts;
  readonly at: number;
}

/** Makes the detail of a running process. */
export function makeDetail({ node, actor, speaker, charts, at }: DetailParts): Detail {
  const { answer, ladder } = node.metadata;
  const drawn = charts.of(speaker.actor);
  const { value } = seenSnapshot(speaker.actor);
  return {
    t: "detail",
    ref: node.ref,
    at,
    active: drawn === undefined ? [] : activeIds(drawn.root, value),
    since: speaker.node.since,
    eventsSince: speaker.node.received - speaker.node.receivedBefore,
    transitions: transitionsOf(speaker.node, statePath(value)),
    context: contextText(isProcess(actor) ? shownState(actor) : plainState(actor)),
    sys: { in: node.received, out: node.sent, suspended: node.row?.suspended ?? false },
    ...(speaker.node === node ? {} : { of: speaker.node.ref }),
    ...(answer === undefined ? {} : { answer: shownAnswer(answer) satisfies Answer }),
    ...(ladder === undefined ? {} : { ladder: shownLadder(ladder) satisfies Ladder }),
  };
}

function transitionsOf(node: TreeNode, value: string): Detail["transitions"] {
  return (node.transitions?.newest() ?? []).map(({ at, event, transition }) => {
    const edge = transition === undefined ? undefined : edgeId(transition);
    const to = transition?.target?.map(({ path }) => path.join(".")).join(" | ");
    return { at, ...(edge === undefined ? {} : { edge }), event: eventLabel(event), to: to ?? value };
  });
}

function plainState(actor: AnyActorRef): unknown {
  const { context } = seenSnapshot(actor);
  return context;
}
