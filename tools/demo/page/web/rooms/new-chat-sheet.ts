import { useState } from "preact/hooks";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { Sheet } from "../../../../../src/sandbox/page/web/sheet.ts";
import { words as phoneWords } from "../../../../../src/sandbox/page/web/words.ts";
import type { DemoPerson } from "../../model/demo-state.ts";
import { textContent } from "../../model/text-content.ts";
import type { Account } from "../link/account.ts";
import { sent } from "../link/outgoing.ts";
import { go } from "../route.ts";
import { words } from "../words.ts";
import { botRoom } from "./bot-room.ts";

interface NewChatSheetProps {
  readonly account: Account;
  readonly botId: string;
  readonly me: DemoPerson;
  readonly onClose: () => void;
}

const networkNames: Readonly<Record<string, string>> = phoneWords.networks;

/** Starts a chat as everybody on the bridge does: by a command to the bot, which answers in its room. */
export function NewChatSheet({ account, botId, me, onClose }: NewChatSheetProps): View {
  const [network, setNetwork] = useState(me.networks[0] ?? "");
  const [whom, setWhom] = useState("");
  const start = async (): Promise<void> => {
    if (whom.trim() === "") return;
    onClose();
    const room = await botRoom(account, botId);
    if (room === undefined) return;
    go({ person: me.localpart, room });
    await account.tries((client) =>
      sent(client, room, "m.room.message", textContent(`start-chat ${network} ${whom.trim()}`)),
    );
  };
  return h(
    Sheet,
    { title: words.newChat.title, onClose },
    me.networks.length === 0
      ? h("p", null, words.newChat.off)
      : h(
          "form",
          {
            class: "stack",
            onSubmit: (event: Event) => {
              event.preventDefault();
              void start();
            },
          },
          h(
            "fieldset",
            null,
            h("legend", null, words.newChat.network),
            me.networks.map((one) =>
              h(
                "label",
                { key: one, class: "choice" },
                h("input", {
                  type: "radio",
                  name: "network",
                  checked: one === network,
                  onChange: () => setNetwork(one),
                }),
                networkNames[one] ?? one,
              ),
            ),
          ),
          h(
            "label",
            null,
            words.newChat.whom[network] ?? words.newChat.title,
            h("input", {
              value: whom,
              placeholder: words.newChat.example[network] ?? "",
              autocomplete: "off",
              onInput: (event: Event) => setWhom((event.currentTarget as HTMLInputElement).value),
            }),
          ),
          h("p", { class: "small muted" }, words.newChat.how),
          h("button", { class: "primary", type: "submit" }, words.newChat.open),
        ),
  );
}
