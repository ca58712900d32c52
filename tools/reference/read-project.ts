import { Application, type ProjectReflection, ReflectionKind, TSConfigReader } from "typedoc";

/** What the reference is made from. */
export interface ReferenceSource {
  /** Files whose exports are the public names; globs from the root of the repository. */
  readonly entryPoints: readonly string[];
  /** The tsconfig.json that includes them. */
  readonly tsconfig: string;
}

/** The packages of this repository. */
export const packages: ReferenceSource = {
  entryPoints: ["packages/*/src/index.ts"],
  tsconfig: "tools/reference/tsconfig.json",
};

/** What was read, and the application that writes it. */
export interface ReadProject {
  readonly application: Application;
  readonly project: ProjectReflection;
}

/**
 * Reads the public names with their types and comments.
 * @throws Error when there are none
 */
export async function readProject({ entryPoints, tsconfig }: ReferenceSource): Promise<ReadProject> {
  const application = await Application.bootstrapWithPlugins(
    {
      name: "Trunkline",
      entryPoints: [...entryPoints],
      tsconfig,
      readme: "none",
      excludePrivate: true,
      excludeInternal: true,
      excludeExternals: true,
      disableSources: true,
      logLevel: "Error",
      skipErrorChecking: true, // `pnpm typecheck` tells of those
      plugin: ["typedoc-plugin-markdown"],
      router: "module",
      outputs: [{ name: "markdown", path: "docs/api" }],
    },
    [new TSConfigReader()],
  );
  const project = await application.convert();
  if (project === undefined) throw new Error(`No entry point matches ${entryPoints.join(", ")}.`);
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    module.name = `@trunkline/${module.name.replace(/\/src$/, "")}`;
  }
  return { application, project };
}
