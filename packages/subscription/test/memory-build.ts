import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Programs of this folder as JavaScript. */
export interface BuiltPrograms extends Disposable {
  pathOf(program: string): string;
}

/**
 * Turns programs of this folder into JavaScript that uses the built packages, so that plain Node runs what users run: a
 * loader of TypeScript within the process takes more memory than all of ours. The packages must have been built.
 */
export async function buildPrograms(programs: readonly string[]): Promise<BuiltPrograms> {
  const directory = mkdtempSync(join(tmpdir(), "trunkline-memory-"));
  await mkdir(join(directory, "test"));
  symlinkSync(here("../dist"), join(directory, "src"));
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }\n');
  const pathOf = (program: string): string => join(directory, "test", `${program}.js`);
  for (const program of programs) {
    const { outputText } = ts.transpileModule(readFileSync(here(`./${program}.ts`), "utf8"), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(pathOf(program), outputText);
  }
  return { pathOf, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
}
