import { wellFormedJson } from "../../core/model/well-formed.ts";
import { eventLoop } from "./event-loop.ts";
import { jsonOf } from "./json.ts";

/** Characters that are parsed at once. */
const LUMP = 65_536;
/** Lists in lists. */
const DEEPEST = 100_000;

/** White space (RFC 8259, 2). */
const WHITE: ReadonlySet<string> = new Set(" \t\n\r");
/** What a value that is no member of an object must follow. */
const BEGINS: ReadonlySet<string> = new Set(["", "[", "{", ","]);

interface Container {
  readonly kind: "array" | "object";
  readonly start: number;
  /** Where the members begin that are not parsed yet, and where the last of them does. */
  run: number;
  member: number;
  /** What was parsed of it; nothing where it is small so far. */
  value: unknown[] | Record<string, unknown> | undefined;
  /** The last member is parsed already. */
  taken: boolean;
}

/**
 * As {@link jsonOf}, but text of any size is parsed in pieces of about `lump` characters, between which others have their
 * turn: `JSON.parse` takes half a second for a few megabytes of small things.
 */
export async function slicedJson(text: string, lump: number = LUMP): Promise<unknown> {
  if (text.length <= lump) return jsonOf(text);
  try {
    return await new Parser(text, lump).parse();
  } catch {
    return undefined;
  }
}

class Parser {
  readonly #text: string;
  readonly #lump: number;
  readonly #open: Container[] = [];
  #root: { readonly value: unknown; readonly end: number } | undefined;

  constructor(text: string, lump: number) {
    this.#text = text;
    this.#lump = lump;
  }

  async parse(): Promise<unknown> {
    const text = this.#text;
    let rest = this.#lump;
    // The last character that is no white space.
    let before = "";
    for (let at = 0; at < text.length; at += 1) {
      if (at >= rest) {
        rest = at + this.#lump;
        await eventLoop.yield();
      }
      const inside = this.#open.at(-1);
      const here = text.charAt(at);
      switch (here) {
        case '"':
          at = this.#endOfString(at);
          break;
        case "[":
        case "{":
          if (inside?.kind === "object" ? before !== ":" : !BEGINS.has(before))
            throw new SyntaxError("a value out of place");
          this.#begin(here === "[" ? "array" : "object", at);
          break;
        case ",":
          if (BEGINS.has(before)) throw new SyntaxError("a comma without a value");
          if (inside) this.#comma(inside, at);
          break;
        case "]":
        case "}":
          if (before === ",") throw new SyntaxError("a comma without a value");
          this.#end(here === "]" ? "array" : "object", at);
          break;
        default:
      }
      if (!WHITE.has(here)) before = here;
    }
    if (this.#open.length > 0) throw new SyntaxError("a list or object without an end");
    if (this.#root === undefined) return parsed(text);
    this.#expectBlank(this.#root.end, text.length);
    return this.#root.value;
  }

  #endOfString(start: number): number {
    for (let end = this.#text.indexOf('"', start + 1); end !== -1; end = this.#text.indexOf('"', end + 1)) {
      let escapes = 0;
      while (this.#text[end - 1 - escapes] === "\\") escapes += 1;
      if (escapes % 2 === 0) return end;
    }
    throw new SyntaxError("a text without an end");
  }

  #begin(kind: Container["kind"], at: number): void {
    if (this.#root !== undefined || this.#open.length > DEEPEST) throw new SyntaxError("too much");
    if (this.#open.length === 0) this.#expectBlank(0, at);
    const start = at + 1;
    this.#open.push({ kind, start, run: start, member: start, value: undefined, taken: false });
  }

  #comma(within: Container, at: number): void {
    if (within.taken) {
      this.#expectBlank(within.run, at);
      within.taken = false;
      within.run = at + 1;
    } else if (at - within.run >= this.#lump) {
      this.#add(within, within.run, at);
      within.run = at + 1;
    }
    within.member = at + 1;
  }

  #end(kind: Container["kind"], at: number): void {
    const ended = this.#open.pop();
    if (ended?.kind !== kind) throw new SyntaxError("brackets do not match");
    const parent = this.#open.at(-1);
    const small = ended.value === undefined && at - ended.start < this.#lump;
    if (small && parent !== undefined) return;
    if (ended.taken) this.#expectBlank(ended.run, at);
    else this.#add(ended, ended.run, at);
    const { value } = ended;
    if (parent === undefined) this.#root = { value, end: at + 1 };
    else this.#adopt(parent, value, { start: ended.start - 1, end: at + 1 });
  }

  /** A member that was too large to be parsed with those around it. */
  #adopt(parent: Container, value: unknown, at: { readonly start: number; readonly end: number }): void {
    if (parent.run < parent.member) this.#add(parent, parent.run, parent.member - 1);
    if (parent.kind === "array") {
      this.#expectBlank(parent.member, at.start);
      put(parent, [value]);
    } else {
      const named = parsed(`{${this.#text.slice(parent.member, at.start)}0}`) as object;
      put(
        parent,
        Object.keys(named).map((key) => [key, value]),
      );
    }
    parent.taken = true;
    parent.run = at.end;
  }

  #add(to: Container, start: number, end: number): void {
    const run = this.#text.slice(start, end);
    if (to.value !== undefined && run.trim() === "") throw new SyntaxError("a comma too many");
    if (to.kind === "array") put(to, parsed(`[${run}]`) as unknown[]);
    else put(to, Object.entries(parsed(`{${run}}`) as object));
  }

  #expectBlank(start: number, end: number): void {
    if (/[^ \t\n\r]/.test(this.#text.slice(start, end))) throw new SyntaxError("no comma between two values");
  }
}

/** To an object its members come as keys and values. */
function put(to: Container, members: readonly unknown[]): void {
  if (to.kind === "array") {
    const list = (to.value ??= []) as unknown[];
    for (const member of members) list.push(member);
    return;
  }
  const fields = (to.value ??= {}) as Record<string, unknown>;
  // A key may be `__proto__`, which must not be assigned to.
  for (const [key, value] of members as readonly [string, unknown][]) {
    Object.defineProperty(fields, key, { value, writable: true, enumerable: true, configurable: true });
  }
}

const parsed = (json: string): unknown => JSON.parse(wellFormedJson(json));
