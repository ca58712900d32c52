import { ConfigError } from "./config-error.ts";
import type { ConnectionOptions, EndpointOption } from "./connection-options.ts";
import type { ParsedUrl } from "./connection-string.ts";
import { type Endpoint, endpointOf, parsePort, shown, socketAt, socketIn } from "./endpoint.ts";
import { type Environment, variable } from "./environment.ts";

const DEFAULT_PORT = 5432;

/**
 * Where to connect, in order. What names the place most exactly wins: `socket`, `socketDir`, `endpoints`, `host`,
 * the connection string's hosts, `PGHOST`, `localhost`.
 * @throws ConfigError `option_invalid`, `option_conflict`
 */
export function chooseServers(
  options: ConnectionOptions,
  url: ParsedUrl | undefined,
  environment: Environment,
): readonly [Endpoint, ...Endpoint[]] {
  const { socket, socketDir, endpoints, host, port } = options;
  const explicitPort = port === undefined || port === null ? undefined : parsePort(port, "port");
  const urlPorts = url?.parameters.port?.split(",");

  if (typeof socket === "string") return [socketAt(notEmpty(socket, "socket"))];
  if (socket !== undefined && socket !== null) throw notText(socket, "socket");

  const onePort = (): number => {
    if (explicitPort !== undefined) return explicitPort;
    const fromUrl = urlPorts?.[0] ?? url?.hosts[0]?.port;
    if (fromUrl !== undefined) return parsePort(fromUrl, "the connection string's port");
    const fromEnvironment = variable(environment, "PGPORT")?.split(",")[0];
    return fromEnvironment === undefined ? DEFAULT_PORT : parsePort(fromEnvironment, "PGPORT");
  };
  if (typeof socketDir === "string") return [socketIn(notEmpty(socketDir, "socketDir"), onePort())];
  if (socketDir !== undefined && socketDir !== null) throw notText(socketDir, "socketDir");

  if (endpoints !== undefined && endpoints !== null) return listed(endpoints, onePort);

  if (typeof host === "string") return [endpointOf(notEmpty(host, "host"), onePort())];
  if (host !== undefined && host !== null) throw notText(host, "host");

  if (url !== undefined && url.hosts.length > 0) {
    return pairUp(
      url.hosts.map((each) => each.host || "localhost"),
      url.hosts.map((each, index) => each.port ?? portAt(urlPorts, index, url.hosts.length, "port")),
      onePortOr(explicitPort, environment),
      "the connection string's port",
    );
  }
  const hosts = variable(environment, "PGHOST")?.split(",");
  if (hosts === undefined) return [endpointOf("localhost", onePort())];
  const environmentPorts = variable(environment, "PGPORT")?.split(",");
  const ports = explicitPort === undefined ? (urlPorts ?? environmentPorts) : undefined;
  return pairUp(
    hosts.map((each) => each.trim() || "localhost"),
    hosts.map((_, index) => portAt(ports, index, hosts.length, "PGPORT")),
    explicitPort ?? DEFAULT_PORT,
    "PGPORT",
  );
}

function onePortOr(explicitPort: number | undefined, environment: Environment): number {
  if (explicitPort !== undefined) return explicitPort;
  const text = variable(environment, "PGPORT")?.split(",")[0];
  return text === undefined ? DEFAULT_PORT : parsePort(text, "PGPORT");
}

/** libpq's rule: as many ports as hosts, or one for all. */
function portAt(
  ports: readonly string[] | undefined,
  index: number,
  hosts: number,
  option: string,
): string | undefined {
  if (ports === undefined) return undefined;
  if (ports.length !== 1 && ports.length !== hosts) {
    throw new ConfigError("option_invalid", `${option} lists ${ports.length} ports for ${hosts} hosts.`, { option });
  }
  const port = ports[ports.length === 1 ? 0 : index];
  return port === "" ? undefined : port;
}

function pairUp(
  hosts: readonly string[],
  ports: readonly (string | undefined)[],
  otherwise: number,
  option: string,
): readonly [Endpoint, ...Endpoint[]] {
  const found = hosts.map((host, index) => {
    const port = ports[index];
    return endpointOf(host, port === undefined ? otherwise : parsePort(port, option));
  });
  return atLeastOne(found, "host");
}

function listed(endpoints: unknown, onePort: () => number): readonly [Endpoint, ...Endpoint[]] {
  const option = "endpoints";
  if (!Array.isArray(endpoints)) {
    throw new ConfigError("option_invalid", `endpoints must be a list of [host, port], not ${shown(endpoints)}.`, {
      option,
    });
  }
  const found = endpoints.map((entry: EndpointOption | null | undefined, index) => {
    const pair: readonly unknown[] = Array.isArray(entry)
      ? entry
      : typeof entry === "object" && entry !== null && "host" in entry
        ? [entry.host, entry.port]
        : [];
    const [host, port] = pair;
    if (typeof host !== "string" || host === "" || pair.length > 2) {
      const what = `endpoints[${index}] must be [host, port] or { host, port }, not ${shown(entry)}.`;
      throw new ConfigError("option_invalid", what, { option });
    }
    const known = port === undefined || port === null ? onePort() : parsePort(port, `endpoints[${index}]`);
    return endpointOf(host, known);
  });
  return atLeastOne(found, option);
}

function atLeastOne(endpoints: readonly Endpoint[], option: string): readonly [Endpoint, ...Endpoint[]] {
  const [first, ...more] = endpoints;
  if (first === undefined) {
    throw new ConfigError("option_missing", `${option} is empty: there is no server to connect to.`, { option });
  }
  return [first, ...more];
}

function notEmpty(value: string, option: string): string {
  if (value === "" || value.includes("\0")) {
    throw new ConfigError("option_invalid", `${option} must not be empty or hold a zero byte.`, { option });
  }
  return value;
}

const notText = (value: unknown, option: string): ConfigError =>
  new ConfigError("option_invalid", `${option} must be a string, not ${shown(value)}.`, { option });
