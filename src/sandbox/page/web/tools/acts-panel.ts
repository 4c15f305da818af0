import { useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import type { Act, ActLog } from "../link/act-log.ts";
import { words } from "../words.ts";

/** A line for a shell, with a button that copies it. */
function ShellLine({ line }: { readonly line: string }): View {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(line);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return h(
    "div",
    { class: "shell" },
    h("code", null, line),
    h(
      "button",
      { type: "button", class: "small", onClick: () => void copy() },
      copied ? words.page.copied : words.page.copy,
    ),
  );
}

const shown = (act: Act): View =>
  h(
    "li",
    { key: act.n },
    h(ShellLine, { line: act.line }),
    act.failed !== undefined && h("p", { class: "small failed" }, `${words.tools.refused} ${act.failed}`),
  );

/** What this page did, the newest first, as lines for a shell. */
export function ActsPanel({ log }: { readonly log: ActLog }): View {
  return h(
    "div",
    null,
    h("p", { class: "small muted" }, log.acts.length === 0 ? words.tools.noActs : words.tools.acts),
    h("ol", { class: "plain" }, log.acts.toReversed().map(shown)),
  );
}
