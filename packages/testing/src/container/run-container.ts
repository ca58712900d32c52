import type { StartedTestContainer } from "testcontainers";
import { TestingError } from "../errors.ts";
import { ContainerLog } from "./container-log.ts";
import { keeperScript, marks } from "./keeper-script.ts";

/** A container with a data directory and no postmaster yet. */
export interface RunningContainer {
  /** Where its port 5432 is published. */
  readonly host: string;
  readonly port: number;
  readonly log: ContainerLog;
  /**
   * Runs a command in it as the server's user.
   * @throws TestingError `container_failed`, unless the command exits with 0.
   */
  run(command: readonly string[]): Promise<void>;
  /** Ends and removes it with its volumes; a second time is nothing. */
  remove(): Promise<void>;
}

type Testcontainers = typeof import("testcontainers");

/**
 * Runs a container of that image, which has the programs of Postgres and a user `postgres`. Its port is published on
 * 127.0.0.1 when the engine is on this machine, else wherever the engine publishes ports.
 * @throws TestingError `testcontainers_missing`, `engine_missing`, `container_failed`, `server_failed`
 */
export async function runContainer(
  image: string,
  load: () => Promise<Testcontainers> = () => import("testcontainers"),
): Promise<RunningContainer> {
  const testcontainers = await load().catch((cause: unknown) => {
    throw new TestingError("testcontainers_missing", "A container needs the package testcontainers.", { cause });
  });
  const engine = await testcontainers.getContainerRuntimeClient().catch((cause: unknown) => {
    throw new TestingError("engine_missing", `There is no container engine: ${wordsOf(cause)}.`, { cause });
  });
  const near = isLocal(engine.info.containerRuntime.host);
  let log: ContainerLog | undefined;
  const container = await startContainer(testcontainers, image, near, (heard) => {
    log = heard;
  }).catch((cause: unknown) => {
    throw new TestingError("container_failed", `No container of ${image}: ${wordsOf(cause)}.`, { cause });
  });
  if (log === undefined) throw new TestingError("container_failed", `The container of ${image} has no log.`);
  const running = around(container, log);
  try {
    await log.wait(0, (heard) => {
      if (heard.includes(marks.uninitialised))
        throw new TestingError("server_failed", `${image} could not make a data directory.\n${heard}`);
      return heard.includes(marks.initialised) ? true : undefined;
    });
    return running;
  } catch (error) {
    await running.remove();
    throw error;
  }
}

/** Whether a container engine can be reached, and if not, why. */
export async function findContainerEngine(): Promise<{ readonly found: boolean; readonly why: string }> {
  try {
    const { getContainerRuntimeClient } = await import("testcontainers");
    await getContainerRuntimeClient();
    return { found: true, why: "" };
  } catch (error) {
    return { found: false, why: wordsOf(error) };
  }
}

function startContainer(
  { GenericContainer, Wait }: Testcontainers,
  image: string,
  near: boolean,
  hear: (log: ContainerLog) => void,
): Promise<StartedTestContainer> {
  /** testcontainers has no option for the address; published on all of them, a server that trusts everybody is too public. */
  class PublishedContainer extends GenericContainer {
    constructor() {
      super(image);
      this.withExposedPorts(5432);
      if (near) this.hostConfig.PortBindings = { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] };
    }
  }
  return new PublishedContainer()
    .withUser("postgres")
    .withEntrypoint(["sh", "-c"])
    .withCommand([keeperScript])
    .withLogConsumer((stream) => hear(new ContainerLog(stream)))
    .withWaitStrategy(Wait.forSuccessfulCommand("true"))
    .start();
}

function around(container: StartedTestContainer, log: ContainerLog): RunningContainer {
  let removed: Promise<unknown> | undefined;
  return {
    host: isLocal(container.getHost()) ? "127.0.0.1" : container.getHost(),
    port: container.getMappedPort(5432),
    log,
    run: async (command) => {
      const { exitCode, output } = await container.exec([...command]);
      if (exitCode !== 0)
        throw new TestingError("container_failed", `${command[2]} exits with ${exitCode}: ${output}\n`);
    },
    remove: async () => {
      removed ??= container.stop().catch((error: { statusCode?: unknown }) => {
        if (error.statusCode !== 404 && error.statusCode !== 409) throw error; // it is gone, or going, already
      });
      await removed;
    },
  };
}

const isLocal = (host: string): boolean => host === "localhost" || host === "127.0.0.1" || host === "::1";

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
