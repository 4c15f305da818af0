import { useEffect, useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import { Face } from "../../../../page/web/face.ts";
import { hasThirdPartyChats, type PersonSettings } from "../../model/phone.ts";
import type { ActLog } from "../link/act-log.ts";
import { call, pictureAddress, Refusal } from "../link/control-api.ts";
import { networkMark } from "../network-mark.ts";
import { go, hashOf } from "../route.ts";
import { words } from "../words.ts";
import { ScreenBar } from "./screen-bar.ts";

const mostShown = 200;

function stateOf({ network, left, optedIn, online }: PersonSettings): string {
  if (left) return words.person.left;
  if (!online) return words.person.off;
  if (!hasThirdPartyChats(network)) return "";
  return optedIn ? words.person.on : words.person.optedOut;
}

/** Everybody whose phone there is, to take one. */
export function PeopleScreen(): View {
  const [people, setPeople] = useState<readonly PersonSettings[]>();
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const look = async (): Promise<void> => {
      try {
        const answer = await call<{ people: readonly PersonSettings[] }>("GET", "/people");
        setPeople(answer.people);
        setTrouble("");
      } catch (cause) {
        setTrouble(cause instanceof Refusal ? cause.message : String(cause));
      }
      if (!over) timer = setTimeout(() => void look(), 2000);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  const rows = people
    ?.slice(0, mostShown)
    .map((person) =>
      h(
        "li",
        { key: person.person, class: person.network },
        h(
          "a",
          { class: "row", href: hashOf({ at: "chats", person: person.person }) },
          h(Face, { name: person.name, picture: pictureAddress(person), mark: networkMark[person.network] }),
          h(
            "div",
            { class: "row-text" },
            h("h3", null, person.name),
            h("p", { class: "small muted" }, `${words.networks[person.network]}, ${person.external_id}`),
            stateOf(person) !== "" && h("p", { class: "small muted" }, stateOf(person)),
          ),
        ),
      ),
    );
  return h(
    "section",
    { class: "screen", "aria-label": words.page.choose },
    h(ScreenBar, { title: words.page.choose }),
    h(
      "div",
      { class: "scroll" },
      trouble !== "" && h("p", { class: "note", role: "status" }, trouble),
      people?.length === 0 && h("p", { class: "empty muted" }, words.page.nobody),
      h("ul", { class: "rows" }, rows),
    ),
    h(
      "footer",
      { class: "foot" },
      h("a", { class: "button primary", href: hashOf({ at: "newPerson" }) }, words.page.newPerson),
    ),
  );
}

/** Makes a person; their phone is taken at once. */
export function NewPersonScreen({
  log,
  ofSignal,
}: {
  readonly log: ActLog;
  /** Signal gives the number, and has nothing to opt in to. */
  readonly ofSignal: boolean;
}): View {
  const [network, setNetwork] = useState<PersonSettings["network"]>("whatsapp");
  const [trouble, setTrouble] = useState("");
  const whatsapp = network === "whatsapp";
  const make = async (form: HTMLFormElement): Promise<void> => {
    const given = new FormData(form);
    const said = (name: string): string => {
      const value = given.get(name);
      return typeof value === "string" ? value.trim() : "";
    };
    const identifier = said("identifier");
    const named = identifier === "" ? {} : { [whatsapp ? "phone" : "username"]: identifier };
    const others = { network, ...named, optedIn: given.get("optedIn") === "on" };
    const body = { name: said("name"), ...(ofSignal ? {} : others) };
    try {
      const { person } = await log.call<{ person: string }>("POST", "/people", body);
      go({ at: "chats", person });
    } catch (cause) {
      setTrouble(cause instanceof Refusal ? cause.message : String(cause));
    }
  };
  const radio = (name: PersonSettings["network"]): View =>
    h(
      "label",
      { class: `choice ${name}` },
      h("input", {
        type: "radio",
        name: "network",
        value: name,
        checked: network === name,
        onChange: () => setNetwork(name),
      }),
      words.networks[name],
    );
  return h(
    "section",
    { class: "screen", "aria-label": words.page.newPerson },
    h(ScreenBar, { title: words.page.newPerson, back: { at: "people" } }),
    h(
      "form",
      {
        class: "scroll form",
        onSubmit: (event: Event) => {
          event.preventDefault();
          void make(event.currentTarget as HTMLFormElement);
        },
      },
      !ofSignal &&
        h("fieldset", null, h("legend", null, words.person.network), radio("whatsapp"), radio("messenger")),
      h(
        "label",
        null,
        words.person.name,
        h("input", { name: "name", required: true, maxLength: 255, autocomplete: "off" }),
      ),
      !ofSignal && [
        h(
          "label",
          null,
          whatsapp ? words.person.phone : words.person.username,
          h("input", { name: "identifier", autocomplete: "off", "aria-describedby": "identifier-hint" }),
        ),
        h(
          "p",
          { id: "identifier-hint", class: "small muted" },
          whatsapp ? words.person.phoneHint : words.person.usernameHint,
        ),
        h(
          "label",
          { class: "choice" },
          h("input", { type: "checkbox", name: "optedIn", checked: true }),
          words.person.optedIn,
        ),
      ],
      trouble !== "" && h("p", { class: "note bad", role: "alert" }, trouble),
      h("button", { class: "primary", type: "submit" }, words.person.make),
    ),
  );
}
