import type { ComponentChildren } from "preact";
import { h } from "../../../../page/web/dom.ts";

/** Longer texts are shown as they are: nobody writes them by hand. */
const most = 4000;

const tags = { "*": "b", _: "i", "~": "s" } as const;
type Mark = keyof typeof tags;

/** The networks' own marks: *bold*, _italic_, ~struck~, `code`, ```code```, at the edges of words. */
const marked =
  /(?<![\p{L}\p{N}])(?:```(?<block>[\s\S]+?)```|`(?<code>[^`\n]+)`|(?<mark>[*_~])(?=\S)(?<inner>[^\n]*?\S)\k<mark>)(?![\p{L}\p{N}])/u;

export function rendered(text: string): ComponentChildren {
  if (text.length > most) return text;
  const parts: ComponentChildren[] = [];
  let rest = text;
  for (;;) {
    const found = marked.exec(rest);
    if (found === null) return [...parts, rest];
    const { block, code, mark, inner = "" } = found.groups ?? {};
    parts.push(rest.slice(0, found.index));
    const plain = block ?? code;
    parts.push(plain === undefined ? h(tags[mark as Mark], null, rendered(inner)) : h("code", null, plain));
    rest = rest.slice(found.index + found[0].length);
  }
}
