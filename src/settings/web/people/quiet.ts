import { h, type View } from "../../../page/web/dom.ts";
import { useChoice } from "../../../page/web/switch.ts";
import { useSpeech } from "../words/speech.ts";
import { type ContactProps, contactPath } from "./contact.ts";

/** Hours for which a chat can be quiet. */
const spans = [1, 8, 24, 168];

/** As the API says of what has no end: the last day of the year 9999. */
const FOR_EVER = Date.UTC(9999, 11, 31);

/** Has a chat notify of nothing for a while. */
export function Quiet({ person, contact }: Pick<ContactProps, "person" | "contact">): View {
  const speech = useSpeech();
  const { people } = speech.words;
  const until = contact.contact?.quiet_until;
  const set = async (wanted: string): Promise<false> => {
    const hours = wanted === "" ? null : Number(wanted);
    await person.does(() => person.api.inTurn("PUT", contactPath(contact, "quiet"), { hours }));
    return false;
  };
  const [shown, choose] = useChoice<string>(until === undefined ? "" : "until", set);
  const option = (value: string, text: string): View =>
    h("option", { key: value, value, selected: value === shown }, text);
  return h(
    "div",
    { class: "setting" },
    h(
      "div",
      { class: "row-text" },
      h("h3", null, people.quiet),
      h(
        "p",
        { class: "small muted" },
        until === undefined
          ? people.quietHint
          : until >= FOR_EVER
            ? people.quietForEver
            : speech.fill(people.quietUntil, { date: speech.moment(until) }),
      ),
    ),
    h(
      "select",
      {
        class: "pick",
        "aria-label": people.quiet,
        value: shown,
        onChange: (event: Event) => choose((event.currentTarget as HTMLSelectElement).value),
      },
      option("", people.notQuiet),
      until !== undefined && option("until", "…"),
      spans.map((hours) => option(String(hours), speech.hours(hours))),
    ),
  );
}
