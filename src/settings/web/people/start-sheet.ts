import { useEffect, useId, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { Sheet } from "../../../page/web/sheet.ts";
import type { Resolved } from "../api/answers.ts";
import { path } from "../api/api.ts";
import { Refusal } from "../api/refusal.ts";
import { AccountChoice, type OwnAccount } from "../parts/account-choice.ts";
import { ActButton } from "../parts/act-button.ts";
import { PersonMark } from "../parts/network-mark.ts";
import { roomLink } from "../parts/room-link.ts";
import { refusalWords } from "../parts/said.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { reachabilityWord, whyUnreachable } from "./reachability.ts";

interface StartSheetProps {
  readonly person: Person;
  readonly accounts: readonly OwnAccount[];
  /** What is in its field at first. */
  readonly typed: string;
  readonly onClose: () => void;
}

/** A chat with somebody new: who it would be is shown before it is begun. */
export function StartSheet({ person, accounts, typed, onClose }: StartSheetProps): View {
  const speech = useSpeech();
  const { start, people, page } = speech.words;
  const [login, setLogin] = useState(accounts[0]?.account.login_id ?? "");
  const [who, setWho] = useState(typed);
  const [found, setFound] = useState<Resolved>();
  const [wrong, setWrong] = useState<Refusal>();
  const [isBusy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const result = useRef<HTMLDivElement>(null);
  const id = useId();
  const own = accounts.find(({ account }) => account.login_id === login) ?? accounts[0];
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    if (found !== undefined) result.current?.focus();
  }, [found]);
  const asks = async (act: () => Promise<Resolved>): Promise<void> => {
    setWrong(undefined);
    setBusy(true);
    try {
      setFound(await act());
    } catch (cause) {
      setWrong(Refusal.from(cause));
    }
    setBusy(false);
  };
  const query = { login_id: own?.account.login_id };
  const find = (): Promise<void> =>
    asks(() => person.api.ask("GET", path(["v3", "resolve_identifier", who.trim()], query)));
  // By what was typed, as the network finds nobody by its own id; the field has not changed since.
  const begin = (): Promise<void> =>
    asks(async () => {
      const made = await person.api.ask<Resolved>("POST", path(["v3", "create_dm", who.trim()], query));
      await person.refresh();
      return made;
    });
  return h(
    Sheet,
    { title: start.title, close: page.close, onClose },
    h(
      "form",
      {
        class: "stack",
        onSubmit: (event: Event) => {
          event.preventDefault();
          if (!isBusy && who.trim() !== "") void find();
        },
      },
      accounts.length > 1 &&
        h(AccountChoice, {
          accounts,
          chosen: own?.account.login_id,
          legend: start.on,
          onChoice: (one: string) => {
            setLogin(one);
            setFound(undefined);
            setWrong(undefined);
          },
        }),
      h(
        "label",
        null,
        start.who,
        h("input", {
          ref: field,
          value: who,
          autocomplete: "off",
          spellcheck: false,
          "aria-describedby": `${id}-hint`,
          "aria-invalid": wrong !== undefined,
          onInput: (event: Event) => {
            setWho((event.currentTarget as HTMLInputElement).value);
            setFound(undefined);
            setWrong(undefined);
          },
        }),
        h(
          "span",
          { id: `${id}-hint`, class: "small muted", ...speech.foreign },
          speech.fill(start.hint, { addressing: own?.network.addressing ?? "" }),
        ),
      ),
      found === undefined &&
        h(
          "button",
          { type: "submit", class: `primary ${isBusy ? "busy" : ""}`, "aria-disabled": isBusy },
          start.find,
        ),
    ),
    h(
      "div",
      { role: "alert" },
      wrong && h("p", { class: "note bad", ...speech.foreign }, refusalWords(speech, wrong)),
    ),
    found &&
      h(
        "div",
        { ref: result, tabIndex: -1, class: "found arrives", role: "group", "aria-label": start.isFound },
        h(
          "div",
          { class: "row" },
          h(PersonMark, { name: found.name ?? found.id, network: own?.network }),
          h(
            "div",
            { class: "grow" },
            h("h3", { class: "wraps" }, found.name ?? found.id),
            h("p", { class: "small muted" }, own?.network.name),
          ),
          h(
            "span",
            { class: `chip ${found.reachability.state === "reachable" ? "good" : "off"}` },
            reachabilityWord(speech, found, own?.network),
          ),
        ),
        h("p", { class: "small" }, whyUnreachable(speech, found, own?.network)),
        found.dm_room_mxid === undefined
          ? found.reachability.state === "reachable" &&
              h(ActButton, { kind: "primary", act: begin }, start.start)
          : h("a", { class: "button primary", ...roomLink(found.dm_room_mxid, person) }, people.open),
      ),
  );
}
