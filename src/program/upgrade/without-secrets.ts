import { isScalar, parseDocument, visit } from "yaml";

const SECRETS: readonly unknown[] = ["as_token", "hs_token", "shared_secret"];

/**
 * A YAML text with a sign in the place of each secret value, however it is written: a terminal's text is passed on so
 * easily.
 */
export function withoutSecrets(text: string): string {
  const ranges: (readonly [number, number])[] = [];
  visit(parseDocument(text, { stringKeys: true }), {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !SECRETS.includes(key.value) || !isScalar(value)) return;
      const [start, end] = value.range ?? [0, 0];
      if (end > start) ranges.push([start, end]);
    },
  });
  return ranges.reduceRight((shown, [start, end]) => `${shown.slice(0, start)}…${shown.slice(end)}`, text);
}
