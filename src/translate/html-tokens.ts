import { Tokenizer } from "htmlparser2";

export interface HtmlEvents {
  /** Names are in lower case; only the attributes in `wanted` are kept, the first of each name. */
  readonly open: (tag: string, attributes: ReadonlyMap<string, string>) => void;
  readonly close: (tag: string) => void;
  /** Entities are decoded; white space is as it was written. */
  readonly text: (data: string) => void;
}

const wanted = new Set(["alt", "class", "data-mx-spoiler", "href", "start", "title", "value"]);

/**
 * Reads untrusted HTML in one pass. htmlparser2's own `Parser` searches its stack of open elements at every
 * tag, which takes quadratic time on deep nesting; its tokenizer does not, so from-matrix-html.ts matches the tags.
 */
export function tokenizeHtml(html: string, events: HtmlEvents): void {
  let tag = "";
  let attributes = new Map<string, string>();
  let name = "";
  let value = "";
  const opened = (): void => events.open(tag, attributes);
  const ignored = (): void => undefined;
  const tokenizer = new Tokenizer(
    {},
    {
      onopentagname: (start, end) => {
        tag = html.slice(start, end).toLowerCase();
        attributes = new Map();
      },
      onattribname: (start, end) => {
        name = html.slice(start, end).toLowerCase();
        value = "";
      },
      onattribdata: (start, end) => {
        value += html.slice(start, end);
      },
      onattribentity: (codePoint) => {
        value += String.fromCodePoint(codePoint);
      },
      onattribend: () => {
        if (wanted.has(name) && !attributes.has(name)) attributes.set(name, value);
      },
      onopentagend: opened,
      onselfclosingtag: opened,
      onclosetag: (start, end) => events.close(html.slice(start, end).toLowerCase()),
      ontext: (start, end) => events.text(html.slice(start, end)),
      ontextentity: (codePoint) => events.text(String.fromCodePoint(codePoint)),
      oncdata: ignored,
      oncomment: ignored,
      ondeclaration: ignored,
      onprocessinginstruction: ignored,
      onend: ignored,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
}
