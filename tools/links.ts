import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const left = new Set(["node_modules", "dist", "fixtures", ".git", ".turbo", "api"]);

/** Every Markdown page below a folder, without what is generated or foreign. */
export function pagesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return left.has(entry.name) ? [] : pagesBelow(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** The links of a page that lead nowhere in the repository, as `page: target`. Those to other sites are not followed. */
export function deadLinks(page: string, root: string): readonly string[] {
  const text = withoutCode(readFileSync(page, "utf8"));
  const targets = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s+(\S+)/gm)].map(
    (found) => found[1] ?? found[2] ?? "",
  );
  return targets.filter((target) => !isAlive(target, page)).map((target) => `${relative(root, page)}: ${target}`);
}

function isAlive(target: string, page: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return true;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : resolve(dirname(page), decodeURIComponent(path));
  if (!existsSync(file)) return false;
  if (anchor === undefined || !file.endsWith(".md")) return anchor === undefined || !statSync(file).isDirectory();
  return anchorsOf(readFileSync(file, "utf8")).has(anchor);
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...withoutBlocks(text).matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)].map(([, heading = ""]) => {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[`*]/g, "");
    const slug = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return new Set(anchors);
}

const withoutBlocks = (text: string): string => text.replaceAll(/^( *)(```+|~~~+)[\s\S]*?^\1\2\s*$/gm, "");

const withoutCode = (text: string): string => withoutBlocks(text).replaceAll(/`[^`\n]*`/g, "``");
