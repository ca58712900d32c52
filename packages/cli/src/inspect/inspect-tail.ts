import { startInspector } from "@trunkline/inspector";
import { type Logger, makeRuntime, silentLogger } from "@trunkline/process";
import { type SubscriptionRef, subscription } from "@trunkline/subscription";
import { Supervisor } from "@trunkline/supervisor";
import type { ExitCode } from "../exit-codes.ts";
import { tail } from "../tail/tail.ts";
import type { TailRequest } from "../tail/tail-request.ts";
import type { Screen } from "../terminal/screen.ts";

/** How the page is served. */
export interface PageOptions {
  /** Default: 7171, or a free one. */
  readonly port: number | undefined;
}

/**
 * A tail in a tree of its own, with the inspector on it: the page's address is printed, the changes are counted. The page
 * stays when the tail begins anew.
 */
export async function inspectTail(request: TailRequest, { port }: PageOptions, screen: Screen): Promise<ExitCode> {
  const told: { logger: Logger } = { logger: silentLogger };
  // A tail gives a logger to each of its subscriptions; a tree has one.
  const logger: Logger = {
    debug: (fields, message) => told.logger.debug(fields, message),
    info: (fields, message) => told.logger.info(fields, message),
    warn: (fields, message) => told.logger.warn(fields, message),
    error: (fields, message) => told.logger.error(fields, message),
  };
  const root = await Supervisor.startLink([], {
    strategy: "one_for_one",
    runtime: makeRuntime({ logger }),
  });
  const page = await startInspector(root, {
    app: "trunkline tail",
    logger: silentLogger,
    ...(port === undefined ? {} : { port }),
  });
  let number = 0;
  try {
    return await tail(request, screen, {
      start: async (options, place) => {
        told.logger = place.logger;
        number += 1;
        const id = number === 1 ? options.slot : `${options.slot}#${number}`;
        const started = await Supervisor.startChild(root, { ...subscription(options), id, restart: "temporary" });
        if (number === 1) await screen.print(`${page.url}\n`);
        return started as unknown as SubscriptionRef;
      },
      line: () => undefined,
    });
  } finally {
    await page.close();
    await Supervisor.stop(root);
  }
}
