import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import type { SafetyNumber } from "../api/answers.ts";
import { Refusal } from "../api/refusal.ts";
import { ActButton } from "../parts/act-button.ts";
import { CodePicture } from "../parts/code-picture.ts";
import { refusalLang, refusalWords } from "../parts/said.ts";
import { useSpeech } from "../words/speech.ts";
import { type ContactProps, contactPath } from "./contact.ts";

/** The safety number of a contact, large: a code for their phone, the digits, and what the comparison said. */
export function Compare({ person, contact }: ContactProps): View {
  const speech = useSpeech();
  const { verify } = speech.words;
  const [number, setNumber] = useState<SafetyNumber | Refusal>();
  const [differs, setDiffers] = useState(false);
  const name = contact.name ?? contact.id;
  const trust = contact.contact?.trust ?? "unverified";
  useEffect(() => {
    let isCurrent = true;
    const read = async (): Promise<void> => {
      const route = contactPath(contact, "safety_number");
      const answer = await person.api.ask<SafetyNumber>("GET", route).catch(Refusal.from);
      if (isCurrent) setNumber(answer);
    };
    void read();
    return () => {
      isCurrent = false;
    };
  }, [contact.id, contact.login_id, trust]);
  const title = useRef<HTMLHeadingElement>(null);
  const acted = useRef(false);
  useLayoutEffect(() => {
    // The button that was pressed is gone with what it did.
    if (acted.current && document.activeElement === document.body) title.current?.focus();
    acted.current = false;
  }, [trust]);
  if (number === undefined) return h("p", { class: "muted", role: "status" }, speech.words.page.loading);
  if (number instanceof Refusal)
    return h(
      "p",
      { class: "note", role: "status", ...(number.status === 404 ? {} : refusalLang(speech, number)) },
      number.status === 404 ? verify.none : refusalWords(speech, number),
    );
  const set = (body: object, said: string): Promise<boolean> => {
    acted.current = true;
    return person.does(() => person.api.inTurn("PUT", contactPath(contact, "trust"), body), said);
  };
  const same = (): Promise<boolean> => {
    setDiffers(false);
    return set({ trust: "verified", digits: number.digits }, verify.isDone);
  };
  const differ = async (): Promise<void> => {
    if (trust === "unverified" || (await set({ trust: "unverified" }, verify.isUndone))) setDiffers(true);
  };
  const groups = number.digits.match(/\d{5}/g) ?? [number.digits];
  return h(
    "div",
    { class: "compare arrives" },
    h("h4", { ref: title, tabIndex: -1 }, speech.fill(verify.title, { name })),
    trust === "verified" && h("p", { class: "small good" }, verify.wasCompared),
    trust === "changed" && h("p", { class: "note" }, verify.hasChanged),
    h("p", { class: "small muted" }, verify.how),
    h(
      "div",
      { class: "both" },
      number.picture !== undefined && h(CodePicture, { png: number.picture, label: verify.code }),
      h(
        "div",
        { class: "stack" },
        h(
          "p",
          { class: "digits mono" },
          groups.map((group, n) => h("span", { key: n }, `${group} `)),
        ),
        h(
          "div",
          { class: "acts start" },
          trust !== "verified" && h(ActButton, { kind: "primary", act: same }, verify.same),
          trust !== "verified" && h(ActButton, { act: differ }, verify.differ),
          trust === "verified" &&
            h(ActButton, { act: () => set({ trust: "unverified" }, verify.isUndone) }, verify.undo),
        ),
      ),
    ),
    h(
      "div",
      { role: "alert" },
      differs && h("p", { class: "note bad" }, speech.fill(verify.differs, { name })),
    ),
  );
}
