import { TestingError } from "../errors.ts";
import { trusting } from "../host-access.ts";
import type { ProvidedServer, ServerControl, ServerRequest, StopMode } from "../provider.ts";
import { baseSettings, formatSettings, tlsSettings } from "../server-settings.ts";
import { stopSignals } from "../stop-signals.ts";
import { createCertificateAuthority, type ServerCertificates } from "../tls/certificate-authority.ts";
import { dataDirectory, marks, settingsPath, signalCommand, startCommand, writeCommand } from "./keeper-script.ts";
import { type RunningContainer, runContainer } from "./run-container.ts";

/**
 * Starts a server in a container of `image`, by testcontainers. The container goes when the server is released; when
 * this process dies first, testcontainers' reaper ("ryuk") removes it.
 * @throws TestingError `testcontainers_missing`, `engine_missing`, `container_failed`, `server_failed`
 */
export async function containerServer(request: ServerRequest, image: string): Promise<ProvidedServer> {
  const container = await runContainer(image);
  try {
    const certificates = request.ssl === false ? undefined : await installCertificates(request.ssl, container);
    const lines = [...request.hba.map(fromAnywhere), ...trusting("all"), ""];
    await container.run(writeCommand(`${dataDirectory}/pg_hba.conf`, lines.join("\n")));
    const control = containerControl(container, request);
    await control.start();
    return {
      url: `postgres://postgres@${container.host}:${container.port}/postgres`,
      socketDir: undefined,
      certificates,
      control,
      release: () => container.remove(),
    };
  } catch (error) {
    await container.remove();
    throw error;
  }
}

/** To a server in a container whoever comes by the published port comes from the engine's own address. */
export function fromAnywhere(line: string): string {
  return line.replace(/\s(?:127\.0\.0\.1\/32|::1\/128|localhost)(?=\s)/, " all");
}

function containerControl(container: RunningContainer, request: ServerRequest): ServerControl {
  const { log } = container;
  const settings: Record<string, string> = {
    ...baseSettings,
    ...(request.ssl === false ? {} : tlsSettings),
    ...request.settings,
  };
  let running = false;
  let started = 0; // where in the log the postmaster of now begins
  const isGone = (heard: string) => heard.includes(marks.exited);
  const writeSettings = () => container.run(writeCommand(settingsPath, formatSettings(settings)));
  log.listen(() => {
    if (running && (log.ended || isGone(log.since(started)))) running = false;
  });
  return {
    get running() {
      return running;
    },
    log: () => log.text,
    start: async () => {
      if (running) return;
      await writeSettings();
      started = log.length;
      await container.run(startCommand);
      await log.wait(started, (heard) => {
        if (isGone(heard)) throw new TestingError("server_failed", `Postgres did not start.\n${heard}`);
        return heard.includes("database system is ready to accept connections") ? true : undefined;
      });
      running = true;
    },
    stop: async (mode: StopMode) => {
      if (!running) return;
      await container.run(signalCommand(stopSignals[mode])).catch((error: unknown) => {
        if (running && !log.ended) throw error; // a crash came before us
      });
      await log.wait(started, (heard) => (isGone(heard) || log.ended ? true : undefined));
    },
    configure: async (changes) => {
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) delete settings[name];
        else settings[name] = value;
      }
      await writeSettings();
      if (running) await container.run(signalCommand("SIGHUP"));
    },
  };
}

async function installCertificates(
  asked: true | ServerCertificates,
  container: RunningContainer,
): Promise<ServerCertificates> {
  const hosts = ["localhost", ...new Set(["127.0.0.1", container.host])];
  const certificates = asked === true ? createCertificateAuthority().issue({ hosts }) : asked;
  for (const [name, text] of Object.entries({
    "ca.crt": certificates.ca,
    "server.crt": certificates.cert,
    "server.key": certificates.key,
  })) {
    await container.run(writeCommand(`${dataDirectory}/${name}`, text));
  }
  return certificates;
}
