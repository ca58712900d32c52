import type { AnyActorRef } from "xstate";
import { publishReport } from "./channels.ts";
import { describeReason } from "./exit-reason.ts";
import type { Report, ReportedChild } from "./report.ts";
import type { Runtime } from "./runtime.ts";

/** Publishes a report and hands it to the tree's logger: fields that print in a line, and a sentence. */
export function emitReport(runtime: Runtime, report: Report): void {
  publishReport(report);
  const { logger } = runtime;
  try {
    switch (report.report) {
      case "progress": {
        const child = childFields(report.started);
        logger.info({ ...report, supervisor: pidOf(report.supervisor), started: child }, `Started ${child.pid}`);
        return;
      }
      case "supervisor": {
        const offender = childFields(report.offender);
        const why = report.reason === "reached_max_restart_intensity" ? report.reason : describeReason(report.reason);
        logger.error(
          { ...report, supervisor: pidOf(report.supervisor), offender },
          `Supervisor ${pidOf(report.supervisor)}: ${report.errorContext} of ${offender.pid}: ${why}`,
        );
        return;
      }
      case "crash":
        logger.error(
          {
            ...report,
            process: pidOf(report.process),
            reason: describeReason(report.reason),
            ancestors: report.ancestors.map(pidOf),
            links: report.links.map(pidOf),
            ...(report.reason.type === "error" ? { err: report.reason.error } : {}),
          },
          `Process ${pidOf(report.process)} ended: ${describeReason(report.reason)}`,
        );
        return;
      case "guard":
        logger.error(
          { ...report, process: pidOf(report.process), err: report.error },
          `Process ${pidOf(report.process)}: ${report.where} threw`,
        );
        return;
    }
  } catch {
    // A logger that throws must not change how processes end.
  }
}

/** A process in a line: its id and its session id. */
export function pidOf(ref: AnyActorRef): string {
  return ref.id === ref.sessionId ? ref.sessionId : `${ref.id} (${ref.sessionId})`;
}

function childFields(child: ReportedChild): Omit<ReportedChild, "pid"> & { readonly pid: string } {
  const pid = child.pid;
  return { ...child, pid: pid === undefined || pid === "restarting" ? `${String(child.id)} (${pid})` : pidOf(pid) };
}
