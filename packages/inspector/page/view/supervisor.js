// A supervisor: its restarts against its budget, and its children.
/** @import { Proc } from "../../src/wire.ts" */
/** @import { App, Shown } from "../app.js" */
import { ago, count, duration, plural, shutdownWords } from "../format.js";
import { html } from "../html.js";
import { reasonName } from "../reason.js";
import { Glyph } from "./glyph.js";

/** @param {{ readonly proc: Proc; readonly shown: Shown; readonly app: App }} props */
export function Supervisor({ proc, shown, app }) {
  const { model } = shown;
  const children = (model.children.get(proc.ref) ?? []).flatMap((ref) => model.procs.get(ref) ?? []);
  return html`<div>
    ${proc.budget !== undefined && html`<${BudgetWindow} proc=${proc} budget=${proc.budget} now=${shown.now} />`}
    <section class="pan solo" aria-labelledby="h-children">
      <div class="hd"><h2 id="h-children">Children, in start order</h2>${children.length > 0 && html`<span>stopped in the reverse order</span>`}</div>
      ${children.length === 0 ? html`<p class="none">No children.</p>` : html`<${Children} proc=${proc} procs=${children} shown=${shown} app=${app} />`}
    </section>
  </div>`;
}

/** @param {{ readonly proc: Proc; readonly budget: NonNullable<Proc["budget"]>; readonly now: number }} props */
function BudgetWindow({ proc, budget, now }) {
  const spanMs = budget.seconds * 1000;
  const recent = budget.at.filter((at) => now - at <= spanMs);
  const words =
    recent.length === 0
      ? `No restart in the last ${budget.seconds} s`
      : `${plural(recent.length, "restart")} in the last ${budget.seconds} s`;
  const x = (/** @type {number} */ at) => 900 * (1 - (now - at) / spanMs);
  return html`<section class="pan solo" aria-labelledby="h-budget">
    <div class="hd">
      <h2 id="h-budget">Restart budget</h2>
      <span>a restart counts for ${budget.seconds} s; number ${budget.max + 1} within ${budget.seconds} s ends ${proc.id}</span>
    </div>
    <svg class="budget" viewBox="0 0 900 28" preserveAspectRatio="none" role="img" aria-label=${words}>
      <rect class="bar" x="0" y="4" width="900" height="20" rx="4" />
      ${recent.map((at) => html`<rect key=${at} class="seg hold" x=${Math.max(0, x(at) - 3)} y="4" width="3" height="20" />`)}
    </svg>
    <div class="xt bx"><span>${budget.seconds} s ago</span><span>${words}</span><span>now</span></div>
  </section>`;
}

/** @type {readonly { readonly key: string; readonly title: string; readonly by: (proc: Proc) => string | number; readonly n?: true }[]} */
const columns = [
  { key: "id", title: "Child", by: (proc) => proc.id },
  { key: "state", title: "State", by: (proc) => proc.value },
  { key: "restart", title: "Restart", by: (proc) => proc.restart },
  {
    key: "shutdown",
    title: "Shutdown",
    by: (proc) => (typeof proc.shutdown === "number" ? proc.shutdown : Number.POSITIVE_INFINITY),
  },
  { key: "mailbox", title: "Mailbox", by: (proc) => -(proc.mailbox ?? 0), n: true },
  { key: "restarts", title: "Restarts", by: (proc) => -proc.restarts, n: true },
  { key: "exit", title: "Last exit", by: (proc) => -(proc.lastExit?.at ?? 0) },
  { key: "up", title: "Up", by: (proc) => proc.startedAt, n: true },
];

/** @param {{ readonly proc: Proc; readonly procs: readonly Proc[]; readonly shown: Shown; readonly app: App }} props */
function Children({ proc, procs, shown, app }) {
  const { sort } = shown.choices;
  const column = columns.find(({ key }) => key === sort);
  const sorted = column === undefined ? procs : procs.toSorted((a, b) => compare(column.by(a), column.by(b)));
  return html`<div class="tw-scroll" tabindex="0" role="region" aria-label=${`Children of ${proc.id}`}>
    <table class="kids">
      <thead>
        <tr>
          ${columns.map(
            ({
              key,
              title,
              n,
            }) => html`<th key=${key} class=${n ? "n" : ""} aria-sort=${key === sort ? "ascending" : "none"}>
              <button type="button" title="Sort; again: start order" onClick=${() => app.choose({ sort: key === sort ? "" : key })}>${title}</button>
            </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${sorted.map((child) => html`<${Child} key=${child.id} child=${child} now=${shown.now} app=${app} />`)}
      </tbody>
    </table>
  </div>`;
}

/** @type {(a: string | number, b: string | number) => number} */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @param {{ readonly child: Proc; readonly now: number; readonly app: App }} props */
function Child({ child, now, app }) {
  const { lastExit } = child;
  const running = child.status === "running";
  return html`<tr>
    <td><${Glyph} status=${child.status} spoken /><button type="button" class="link" onClick=${() => app.select(child.ref)}>${child.name ?? child.id}</button></td>
    <td><code>${child.children === undefined ? child.value || child.status : plural(child.children.count, "child", "children")}</code></td>
    <td>${child.restart}</td>
    <td>${shutdownWords(child.shutdown)}</td>
    <td class="n">${child.mailbox === null ? "" : count(child.mailbox)}</td>
    <td class="n">${count(child.restarts)}</td>
    <td>${lastExit !== undefined && html`<span title=${ago(now - lastExit.at)}><code class="crt">${reasonName(lastExit.reason)}</code></span>`}</td>
    <td class="n">${running ? duration(now - child.startedAt) : ""}</td>
  </tr>`;
}
