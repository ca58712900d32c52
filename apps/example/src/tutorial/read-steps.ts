/** One thing that a reader of the tutorial does or sees, in the order of the page. */
export type Step =
  | { readonly type: "file"; readonly name: string; readonly text: string }
  | { readonly type: "command"; readonly terminal: number; readonly line: string }
  | { readonly type: "open"; readonly address: string }
  | { readonly type: "interrupt"; readonly terminal: number }
  | { readonly type: "output"; readonly terminal: number; readonly lines: readonly string[] };

/**
 * The steps of a page: blocks of code whose fence names a file (`js app.js`) or a terminal (`sh terminal 2` is typed there,
 * `text terminal 2` is seen there; `^C` as the first line is pressed; `text browser` is opened). Other blocks are for reading only.
 */
export function readSteps(markdown: string): readonly Step[] {
  const blocks = markdown.matchAll(/^```(\w+) (.+)\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap(([, language = "", where = "", text = ""]): readonly Step[] => {
    if (where === "browser") return [{ type: "open", address: text.trim() }];
    const [, number] = /^terminal (\d)$/.exec(where) ?? [];
    if (number === undefined) return [{ type: "file", name: where, text }];
    const terminal = Number(number);
    const lines = text.trimEnd().split("\n");
    if (language === "sh") return lines.map((line) => ({ type: "command", terminal, line }));
    if (lines[0] !== "^C") return [{ type: "output", terminal, lines }];
    const rest = lines.slice(1);
    return [
      { type: "interrupt", terminal },
      ...(rest.length === 0 ? [] : [{ type: "output", terminal, lines: rest } as const]),
    ];
  });
}
