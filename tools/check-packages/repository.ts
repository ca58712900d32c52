import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Runs a program to its end; rejects with what it printed when it fails. */
export const run = promisify(execFile);

/** The root of the repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A program that the repository has installed. */
export const bin = (name: string): string => join(root, "node_modules", ".bin", name);
