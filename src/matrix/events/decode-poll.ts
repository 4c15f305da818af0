import type { Part } from "../../core/model/content.ts";
import { shortened } from "../../core/model/cut-text.ts";
import { plainText } from "../../core/model/rich-text.ts";
import { fieldOf, listOf } from "../http/json.ts";

const MOST_ANSWERS = 20;
const LONGEST = 1000;

/** A poll (MSC3381, both names of it) as text to read; undefined where it has no question. */
export function decodePoll(content: unknown): Part | undefined {
  const poll = fieldOf(content, "org.matrix.msc3381.poll.start") ?? fieldOf(content, "m.poll");
  const question = wordsOf(fieldOf(poll, "question"));
  if (question === undefined) return undefined;
  const answers = listOf(fieldOf(poll, "answers"))
    .slice(0, MOST_ANSWERS)
    .flatMap((answer) => wordsOf(answer) ?? []);
  const lines = [`📊 ${question}`, ...answers.map((answer, index) => `${index + 1}. ${answer}`)];
  return { kind: "text", style: "text", body: plainText(lines.join("\n")) };
}

/** Text of an extensible event (MSC1767): a string under the old name, a list of forms under the new one. */
function wordsOf(holder: unknown): string | undefined {
  for (const name of ["org.matrix.msc1767.text", "m.text", "body"]) {
    const value = fieldOf(holder, name);
    const forms = Array.isArray(value) ? (value as readonly unknown[]).slice(0, 10) : [value];
    for (const form of forms) {
      const text = typeof form === "string" ? form : fieldOf(form, "body");
      const line = typeof text === "string" ? shortened(text, LONGEST).replaceAll(/\s+/g, " ").trim() : "";
      if (line !== "") return line;
    }
  }
  return undefined;
}
