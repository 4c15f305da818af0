import { useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Sheet } from "../../../page/web/sheet.ts";
import { ActButton } from "../parts/act-button.ts";
import { Card } from "../parts/card.ts";
import { TroubleInSheet } from "../parts/said.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";

const ROUTE = "/person/v1/data";

/** Hands a file to the browser to keep. */
function keep(name: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** All that is kept about the person: to have, and to have deleted. */
export function DataCard({ person }: { readonly person: Person }): View {
  const speech = useSpeech();
  const { data, page } = speech.words;
  const [isLeaving, setLeaving] = useState(false);
  const mayExport = person.api.offers(`GET ${ROUTE}`);
  const mayDelete = person.api.offers(`DELETE ${ROUTE}`);
  if (!mayExport && !mayDelete) return h("div", { hidden: true });
  const get = (): Promise<boolean> =>
    person.does(async () => {
      const all = await person.api.ask<object>("GET", ROUTE);
      keep("third-party-chats.json", `${JSON.stringify(all, null, 2)}\n`);
    }, data.exported);
  const remove = async (): Promise<void> => {
    const done = await person.does(() => person.api.ask("DELETE", ROUTE), data.deleted);
    if (done) setLeaving(false);
  };
  return h(
    Card,
    { title: data.title },
    h("p", { class: "small muted" }, data.hint),
    h(
      "div",
      { class: "acts start" },
      mayExport && h(ActButton, { act: get }, data.export),
      mayDelete &&
        h("button", { type: "button", class: "danger", onClick: () => setLeaving(true) }, data.delete),
    ),
    isLeaving &&
      h(
        Sheet,
        { title: data.deleteTitle, close: page.close, onClose: () => setLeaving(false) },
        h(
          "ul",
          { class: "goes" },
          h("li", null, data.networks),
          h("li", null, data.kept),
          h("li", null, data.stays),
        ),
        h(TroubleInSheet, { person }),
        h(
          "div",
          { class: "acts" },
          h("button", { type: "button", onClick: () => setLeaving(false) }, page.cancel),
          h(ActButton, { kind: "danger", act: remove }, data.yes),
        ),
      ),
  );
}
