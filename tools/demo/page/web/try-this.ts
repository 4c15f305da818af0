import type { MatrixEvent } from "matrix-js-sdk";
import { useRef } from "preact/hooks";
import { h, type View } from "../../../../src/page/web/dom.ts";
import type { DemoView } from "../model/demo-state.ts";
import type { Account } from "./link/account.ts";
import { bridgedChat, isBotRoom } from "./rooms/room-facts.ts";
import { words } from "./words.ts";

const steps = ["answer", "react", "file", "edit", "off", "safety", "cleo", "kill"] as const;
type Step = (typeof steps)[number];

const files = new Set(["m.image", "m.audio", "m.video", "m.file"]);

/** What one's own event does of the list. */
function doneBy(event: MatrixEvent): readonly Step[] {
  const { msgtype, body } = event.getContent();
  if (event.getType() === "m.reaction") return ["react"];
  if (event.getType() === "m.room.redaction") return ["edit"];
  if (event.getType() !== "m.room.message") return [];
  if (files.has(String(msgtype))) return ["answer", "file"];
  return String(body).trim().toLowerCase().startsWith("verify") ? ["safety"] : ["answer"];
}

/** What was done of the list since this page was opened, as account and demo show it. */
export function useDone(account: Account | undefined, view: DemoView): ReadonlySet<Step> {
  const done = useRef(new Set<Step>()).current;
  const down = useRef(new Set<string>()).current;
  for (const room of account?.rooms() ?? []) {
    const bridged = bridgedChat(room) !== undefined;
    if (!bridged && !isBotRoom(room, view.botId)) continue;
    for (const event of room.getLiveTimeline().getEvents()) {
      if (event.getSender() !== account?.userId || event.getTs() < performance.timeOrigin) continue;
      for (const step of doneBy(event)) if (bridged || step === "safety") done.add(step);
    }
  }
  for (const { person, online } of view.phones) {
    if (!online) down.add(person);
    else if (down.has(person)) done.add("off");
  }
  if (view.parts.bridge === "away") down.add("the bridge");
  else if (view.parts.bridge === "up" && down.has("the bridge")) done.add("kill");
  if (view.people.length > 0 && view.people.every(({ networks }) => networks.length > 0)) done.add("cleo");
  return done;
}

export function TryThis({ done, name }: { readonly done: ReadonlySet<Step>; readonly name: string }): View {
  return h(
    "ol",
    { class: "small tries" },
    steps.map((step) =>
      h(
        "li",
        { key: step, class: done.has(step) ? "done" : "" },
        words.tries.steps[step](name),
        done.has(step) && h("span", { class: "unseen" }, ` (${words.tries.done})`),
      ),
    ),
  );
}
