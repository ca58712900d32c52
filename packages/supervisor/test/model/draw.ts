import type { Sup } from "./state.ts";

/** The children of a supervisor as `whichChildren` lists them: newest first. */
export function list(sup: Sup): string {
  return sup.children
    .map((child) => `${child.plan.id}:${child.state.kind}`)
    .reverse()
    .join(" ");
}

/** A supervisor and those below it. */
export function draw(sup: Sup): string {
  const inner = sup.children.map(({ state }) =>
    state.kind === "running" && state.process.kind === "supervisor" ? `, ${draw(state.process)}` : "",
  );
  return `${sup.path}[${list(sup)}]${inner.join("")}`;
}
