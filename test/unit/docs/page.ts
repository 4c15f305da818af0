import { globSync, readFileSync } from "node:fs";

/** A page of the documentation. */
export interface Page {
  /** Its path from the top folder. */
  readonly file: string;
  readonly text: string;
}

export function readPage(file: string): Page {
  return { file, text: readFileSync(file, "utf8") };
}

/** README.md and every page of docs. */
export function allPages(): readonly Page[] {
  return ["README.md", ...globSync("docs/**/*.md").toSorted()].map(readPage);
}

/** The text under a heading of the second level, up to the next. */
export function section({ file, text }: Page, heading: string): string {
  const [, after] = text.split(`\n## ${heading}\n`);
  if (after === undefined) throw new Error(`${file} has no section “${heading}”`);
  return after.split("\n## ")[0] ?? "";
}

/** The cells of the tables in a text, without their head. */
export function rows(text: string): readonly (readonly string[])[] {
  return text
    .split("\n")
    .filter((line, at, lines) => line.startsWith("|") && !lines[at + 1]?.startsWith("|---"))
    .filter((line) => !line.startsWith("|---"))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll("\\|", "|")),
    );
}

/** Headings as GitHub makes anchors of them. */
export function anchors(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, "");
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
    const name = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times === 0 ? name : `${name}-${times}`;
  });
}

/** The targets of a text's links and pictures. */
export function links(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}
