/**
 * What varies from run to run stands on the page in angle brackets: `process <pid> waits`. The first line that is seen
 * gives it its value; from then on, in commands too, it stands for that.
 */
export class Placeholders {
  readonly #values = new Map<string, string>();

  /** A line to type, with what is known filled in. */
  fill(line: string): string {
    return line.replaceAll(/<(\w+)>/g, (whole, name: string) => this.#values.get(name) ?? whole);
  }

  /** Whether a line is as the page has it; `…` stands for any text. What is in angle brackets is learned from it, anew. */
  matches(expected: string, line: string): boolean {
    const names: string[] = [];
    const source = expected.split(/(<\w+>|…)/).map((part) => {
      if (part === "…") return ".*";
      const [, name] = /^<(\w+)>$/.exec(part) ?? [];
      if (name === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
      names.push(name);
      return "(\\S+)";
    });
    const found = new RegExp(`^${source.join("")}$`).exec(line);
    if (found === null) return false;
    for (const [index, name] of names.entries()) this.#values.set(name, found[index + 1] ?? "");
    return true;
  }
}
