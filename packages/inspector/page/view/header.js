// Who the process is, and how it is.
/** @import { Proc } from "../../src/wire.ts" */
/** @import { App, Shown } from "../app.js" */
import { ago, count, duration, shutdownWords } from "../format.js";
import { html } from "../html.js";
import { successorOf } from "../model.js";
import { reasonWords } from "../reason.js";
import { Glyph } from "./glyph.js";

/** @param {{ readonly proc: Proc; readonly shown: Shown; readonly app: App }} props */
export function Header({ proc, shown, app }) {
  const { model, now } = shown;
  const { ended } = model;
  const speaker = model.detail?.of === undefined ? undefined : model.procs.get(model.detail.of);
  const state = proc.type === "supervisor" ? (proc.strategy ?? proc.value) : (speaker ?? proc).value;
  return html`<header class="ph">
    <div class="pn"><h1>${proc.name ?? proc.id}</h1><span class="kind">${proc.kind}</span></div>
    ${
      ended === undefined
        ? html`<p class="pval">
            <${Glyph} status=${proc.status} /><span>${proc.suspended ? "suspended" : proc.status}</span>${state !== "" && html`<code>${state}</code>`}
          </p>`
        : html`<${EndedWords} proc=${proc} at=${ended.at} shown=${shown} app=${app} />`
    }
    <dl class="facts">
      ${facts(proc, now, ended !== undefined).map(([name, words]) => html`<div key=${name}><dt>${name}</dt><dd>${words}</dd></div>`)}
      <div><dt>Ref</dt><dd><${CopyRef} text=${proc.ref} /></dd></div>
    </dl>
  </header>`;
}

/** @param {{ readonly proc: Proc; readonly at: number; readonly shown: Shown; readonly app: App }} props */
function EndedWords({ proc, at, shown, app }) {
  const { model, now } = shown;
  const successor = successorOf(model, proc);
  const crash = model.crashes.find((item) => item.ref === proc.ref);
  const reason = crash?.reason ?? successor?.lastExit?.reason;
  const when = crash?.at ?? at;
  return html`<p class="pval">
    <${Glyph} status=${crash === undefined ? "stopped" : "crashed"} />
    <span>Ended ${ago(now - when)}${reason === undefined ? "" : `: ${reasonWords(reason)}`}.</span>
    ${
      successor !== undefined &&
      html`<button type="button" onClick=${() => app.select(successor.ref)}>Go to ${successor.ref}, its successor</button>`
    }
  </p>`;
}

/** @type {(proc: Proc, now: number, ended: boolean) => [name: string, words: unknown][]} */
function facts(proc, now, ended) {
  /** @type {[string, unknown][]} */
  const list = [];
  const { budget, children } = proc;
  if (budget !== undefined) list.push(["Budget", `${budget.used} of ${budget.max} in ${budget.seconds} s`]);
  if (children !== undefined) {
    list.push([
      "Children",
      children.max === undefined ? count(children.count) : `${count(children.count)} of ${count(children.max)}`,
    ]);
  }
  if (budget === undefined && proc.restart !== "none") {
    list.push(["Restart", proc.restart], ["Shutdown", shutdownWords(proc.shutdown)]);
  }
  if (!ended && proc.status === "running") list.push(["Up", duration(now - proc.startedAt)]);
  list.push(["Restarts", count(proc.restarts)]);
  if (proc.mailbox !== null) list.push(["Mailbox", count(proc.mailbox)]);
  return list;
}

/** @param {{ readonly text: string }} props */
function CopyRef({ text }) {
  const copy = () => void navigator.clipboard?.writeText(text);
  return html`<button type="button" class="copy" title="Copy" onClick=${copy}><code>${text}</code></button>`;
}
