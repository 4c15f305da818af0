import type { Invocation } from "../../config/command-line.ts";
import { examine } from "./examine.ts";
import { closingWords, isWhole, type Link, linkJson, linkWords } from "./link.ts";

type Doctor = Extract<Invocation, { readonly kind: "doctor" }>;

/** Tries each link in order and says what is wrong, and the cure; 1 where something is. */
export async function doctor({ json, ...files }: Doctor): Promise<number> {
  const links: Link[] = [];
  for await (const link of examine(files)) {
    links.push(link);
    if (!json) console.log(linkWords(link));
  }
  const whole = links.every(isWhole);
  if (json) console.log(JSON.stringify({ ok: whole, links: links.map(linkJson) }));
  else console.log(`\n${closingWords(links)}`);
  return whole ? 0 : 1;
}
