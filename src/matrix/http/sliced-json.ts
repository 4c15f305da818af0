import { wellFormedJson } from "../../core/model/well-formed.ts";
import { eventLoop } from "./event-loop.ts";
import { jsonOf } from "./json.ts";

/** Characters that are parsed at once. */
const PIECE = 65_536;
/** The deepest nesting. */
const DEEPEST = 100_000;

/** White space (RFC 8259, 2). */
const WHITE_SPACE: ReadonlySet<string> = new Set(" \t\n\r");
/** The characters one of which stands before a value outside an object. */
const BEFORE_VALUE: ReadonlySet<string> = new Set(["", "[", "{", ","]);

interface Container {
  readonly kind: "array" | "object";
  readonly start: number;
  /** Where the unparsed members begin, and where the last of them begins. */
  unparsed: number;
  lastMember: number;
  /** The members parsed so far; undefined while the container is small. */
  value: unknown[] | Record<string, unknown> | undefined;
  /** Whether the last member was parsed by itself. */
  lastIsParsed: boolean;
}

/**
 * As {@link jsonOf}, but text of any size is parsed in pieces of about `lump` characters, between which the event
 * loop runs: `JSON.parse` takes half a second for a few megabytes of small values.
 */
export async function slicedJson(text: string, piece: number = PIECE): Promise<unknown> {
  if (text.length <= piece) return jsonOf(text);
  try {
    return await new Parser(text, piece).parse();
  } catch {
    return undefined;
  }
}

class Parser {
  readonly #text: string;
  readonly #piece: number;
  readonly #open: Container[] = [];
  #root: { readonly value: unknown; readonly end: number } | undefined;

  constructor(text: string, piece: number) {
    this.#text = text;
    this.#piece = piece;
  }

  async parse(): Promise<unknown> {
    const text = this.#text;
    let rest = this.#piece;
    // The last character before `at` that is no white space.
    let before = "";
    for (let at = 0; at < text.length; at += 1) {
      if (at >= rest) {
        rest = at + this.#piece;
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
          if (inside?.kind === "object" ? before !== ":" : !BEFORE_VALUE.has(before))
            throw new SyntaxError("a value out of place");
          this.#begin(here === "[" ? "array" : "object", at);
          break;
        case ",":
          if (BEFORE_VALUE.has(before)) throw new SyntaxError("a comma without a value");
          if (inside) this.#comma(inside, at);
          break;
        case "]":
        case "}":
          if (before === ",") throw new SyntaxError("a comma without a value");
          this.#end(here === "]" ? "array" : "object", at);
          break;
        default:
      }
      if (!WHITE_SPACE.has(here)) before = here;
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
    this.#open.push({
      kind,
      start,
      unparsed: start,
      lastMember: start,
      value: undefined,
      lastIsParsed: false,
    });
  }

  #comma(within: Container, at: number): void {
    if (within.lastIsParsed) {
      this.#expectBlank(within.unparsed, at);
      within.lastIsParsed = false;
      within.unparsed = at + 1;
    } else if (at - within.unparsed >= this.#piece) {
      this.#add(within, within.unparsed, at);
      within.unparsed = at + 1;
    }
    within.lastMember = at + 1;
  }

  #end(kind: Container["kind"], at: number): void {
    const ended = this.#open.pop();
    if (ended?.kind !== kind) throw new SyntaxError("brackets do not match");
    const parent = this.#open.at(-1);
    const small = ended.value === undefined && at - ended.start < this.#piece;
    if (small && parent !== undefined) return;
    if (ended.lastIsParsed) this.#expectBlank(ended.unparsed, at);
    else this.#add(ended, ended.unparsed, at);
    const { value } = ended;
    if (parent === undefined) this.#root = { value, end: at + 1 };
    else this.#addLarge(parent, value, { start: ended.start - 1, end: at + 1 });
  }

  /** Adds a member that was parsed by itself, as it is larger than a piece. */
  #addLarge(parent: Container, value: unknown, at: { readonly start: number; readonly end: number }): void {
    if (parent.unparsed < parent.lastMember) this.#add(parent, parent.unparsed, parent.lastMember - 1);
    if (parent.kind === "array") {
      this.#expectBlank(parent.lastMember, at.start);
      put(parent, [value]);
    } else {
      const named = parsed(`{${this.#text.slice(parent.lastMember, at.start)}0}`) as object;
      put(
        parent,
        Object.keys(named).map((key) => [key, value]),
      );
    }
    parent.lastIsParsed = true;
    parent.unparsed = at.end;
  }

  #add(to: Container, start: number, end: number): void {
    const unparsed = this.#text.slice(start, end);
    if (to.value !== undefined && unparsed.trim() === "") throw new SyntaxError("a comma too many");
    if (to.kind === "array") put(to, parsed(`[${unparsed}]`) as unknown[]);
    else put(to, Object.entries(parsed(`{${unparsed}}`) as object));
  }

  #expectBlank(start: number, end: number): void {
    if (/[^ \t\n\r]/.test(this.#text.slice(start, end))) throw new SyntaxError("no comma between two values");
  }
}

/** Adds members; an object's come as pairs of key and value. */
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
