// `pnpm reference`: writes docs/api from the docstrings. `--check` writes nothing, and fails when a public name has none.
import { packages, readProject } from "./read-project.ts";
import { undocumented } from "./undocumented.ts";

const { application, project } = await readProject(packages);
const bare = undocumented(project);
if (process.argv.includes("--check")) {
  for (const name of bare) process.stdout.write(`no docstring: ${name}\n`);
  process.exitCode = bare.length === 0 ? 0 : 1;
} else {
  await application.generateOutputs(project);
}
