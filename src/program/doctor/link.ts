import type { Finding } from "./finding.ts";

/** What was found of one link between people, the bridge, its homeserver and its networks. */
export interface Link {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** Whether nothing of it is to be mended. */
export const isWhole = ({ findings }: Link): boolean =>
  findings.every(({ kind }) => kind === "good" || kind === "note");

/** What the reader is to do after all of it. */
export function closingWords(links: readonly Link[]): string {
  if (links.every(isWhole)) return "All of it is in order.";
  const isBad = links.some(({ findings }) => findings.some(({ kind }) => kind === "bad"));
  return isBad
    ? "Mend what has a ✗, from the top, and run this again."
    : "Nothing is known to be wrong, but what has a – could not be tried. Run this again later.";
}

/** Characters to what was found: the longest name of a link and a space. */
const NAME_WIDTH = 15;

const MARKS = { good: "✓", note: "!", bad: "✗", untried: "–" } as const;

/** For a person. */
export function linkWords({ name, findings }: Link): string {
  return findings
    .map((finding, at) => {
      const title = `${MARKS[finding.kind]} ${(at === 0 ? name : "").padEnd(NAME_WIDTH)}`;
      if (finding.kind !== "bad") return `${title}${finding.what}`;
      const { where, what, cure } = finding;
      return `${title}${where}: ${what}${cure === "" ? "" : `\n${" ".repeat(NAME_WIDTH + 2)}${cure}`}`;
    })
    .join("\n");
}

/** As a program reads it. */
interface FoundJson {
  readonly status: Finding["kind"];
  readonly what: string;
  readonly file?: string;
  readonly line?: number | null;
  readonly cure?: string;
}

/** For a program. */
export function linkJson({ name, findings }: Link) {
  const found = findings.map((finding): FoundJson => {
    if (finding.kind !== "bad") return { status: finding.kind, what: finding.what };
    const { where, what, cure } = finding;
    const [, file = where, line] = /^(.*):(\d+)$/.exec(where) ?? [];
    return { status: "bad", file, line: line === undefined ? null : Number(line), what, cure };
  });
  return { link: name, findings: found };
}
