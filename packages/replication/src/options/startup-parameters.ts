import { ConfigError } from "./config-error.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { ParsedUrl } from "./connection-string.ts";
import { shown } from "./endpoint.ts";
import { type Environment, variable } from "./environment.ts";

/** Startup parameters that are options of their own, and the option's name. */
const elsewhere: Readonly<Record<string, string>> = { user: "user", database: "database" };

/**
 * What the startup message carries after `user` and `database`: `replication` first (`"database"`, unless it is in
 * `parameters`), then the environment's and the connection string's settings, then `parameters` in their order.
 * Numbers and booleans become text.
 * @throws ConfigError `option_invalid`, `option_conflict`
 */
export function startupParameters(
  options: ConnectionOptions,
  url: ParsedUrl | undefined,
  environment: Environment,
): Readonly<Record<string, string>> {
  const given = Object.entries(checkShape(options.parameters)).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === null ? [] : [[checkName(name), checkValue(name, value)]],
  );
  const names = new Set(given.map(([name]) => name));
  const commandLine = options.options ?? url?.parameters.options ?? variable(environment, "PGOPTIONS");
  const others: readonly (readonly [string, string | undefined])[] = [
    ["replication", url?.parameters.replication ?? "database"],
    ["options", commandLine === undefined ? undefined : checkValue("options", commandLine)],
    ["application_name", url?.parameters.application_name ?? variable(environment, "PGAPPNAME")],
    ["client_encoding", url?.parameters.client_encoding],
  ];
  const before = others.flatMap(([name, value]): [string, string][] =>
    value === undefined || names.has(name) ? [] : [[name, value]],
  );
  return Object.fromEntries([...before, ...given]);
}

function checkShape(parameters: unknown): Readonly<Record<string, unknown>> {
  if (parameters === undefined || parameters === null) return {};
  if (typeof parameters === "object" && !Array.isArray(parameters)) return parameters as Record<string, unknown>;
  throw new ConfigError(
    "option_invalid",
    `parameters must be an object of names and values, not ${shown(parameters)}.`,
    {
      option: "parameters",
    },
  );
}

function checkName(name: string): string {
  const other = elsewhere[name];
  if (other !== undefined) {
    throw new ConfigError("option_conflict", `parameters.${name} is the option "${other}".`, { option: "parameters" });
  }
  // An all-digit name would jump to the front of the object and change the order; Postgres has none such.
  if (!/^[A-Za-z_][\w.$]*$/.test(name)) {
    throw new ConfigError("option_invalid", `parameters has a name that no setting can have: ${shown(name)}.`, {
      option: "parameters",
    });
  }
  return name;
}

function checkValue(name: string, value: unknown): string {
  const converted = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  if (typeof converted === "string" && !converted.includes("\0")) return converted;
  throw new ConfigError(
    "option_invalid",
    `parameters.${name} must be a string without a zero byte, not ${shown(value)}.`,
    {
      option: "parameters",
    },
  );
}
