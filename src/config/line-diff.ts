/** A line of both texts, of the earlier, or of the later. */
interface DiffLine {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

const CONTEXT = 3;

/**
 * The difference of two texts in the unified format of diff(1), with three lines around each change; empty where they are
 * the same. Takes time with the product of the lines that differ, so it is for short texts.
 */
export function unifiedDiff(name: string, before: string, after: string): readonly string[] {
  const lines = linesOf(before.split("\n"), after.split("\n"));
  const changed = lines.flatMap(({ mark }, index) => (mark === " " ? [] : [index]));
  const hunks: { start: number; end: number }[] = [];
  for (const index of changed) {
    const last = hunks.at(-1);
    const [start, end] = [Math.max(0, index - CONTEXT), Math.min(lines.length, index + CONTEXT + 1)];
    if (last !== undefined && start <= last.end) last.end = end;
    else hunks.push({ start, end });
  }
  if (hunks.length === 0) return [];
  return [`--- ${name}`, `+++ ${name}`, ...hunks.flatMap((hunk) => hunkLines(lines, hunk))];
}

function hunkLines(lines: readonly DiffLine[], { start, end }: { start: number; end: number }) {
  const count = (some: readonly DiffLine[], mark: "-" | "+"): number =>
    some.filter((line) => line.mark === " " || line.mark === mark).length;
  const [earlier, inside] = [lines.slice(0, start), lines.slice(start, end)];
  const range = (mark: "-" | "+"): string => `${mark}${count(earlier, mark) + 1},${count(inside, mark)}`;
  return [`@@ ${range("-")} ${range("+")} @@`, ...inside.map(({ mark, text }) => `${mark}${text}`)];
}

function linesOf(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (texts: readonly string[]): DiffLine[] => texts.map((text) => ({ mark: " ", text }));
  return [
    ...same(before.slice(0, head)),
    ...between(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

/** By the longest common subsequence. */
function between(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const width = after.length + 1;
  const longest = new Uint32Array((before.length + 1) * width);
  const value = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      longest[i * width + j] =
        before[i] === after[j] ? value(i + 1, j + 1) + 1 : Math.max(value(i + 1, j), value(i, j + 1));
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old = "", fresh = ""] = [before[i], after[j]];
    if (i < before.length && j < after.length && old === fresh) {
      lines.push({ mark: " ", text: old });
      i++;
      j++;
    } else if (i < before.length && (j >= after.length || value(i + 1, j) >= value(i, j + 1))) {
      lines.push({ mark: "-", text: old });
      i++;
    } else {
      lines.push({ mark: "+", text: fresh });
      j++;
    }
  }
  return lines;
}
