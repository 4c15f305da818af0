import type { Message } from "../../../core/model/content.ts";
import type { PersonId, UserId } from "../../../core/model/ids.ts";
import { cleanName } from "../../../core/model/names.ts";
import type { MentionStyle, RichText } from "../../../core/model/rich-text.ts";
import type { fromMarkup, toMarkup } from "../../../translate/markup.ts";
import { parseJid } from "../wire/jid.ts";

type ReadMention = NonNullable<Parameters<typeof fromMarkup>[1]>;
type WriteMention = NonNullable<Parameters<typeof toMarkup>[1]>;

/**
 * Whom a message is between: the contact, or in a group its sender, and our person by Signal address and Matrix id.
 */
export interface ChatPair {
  readonly person: PersonId;
  readonly own: string;
  readonly user: UserId;
  /** In a group, the members by what they call themselves. */
  readonly names?: ReadonlyMap<PersonId, string | undefined>;
  /** In a group, whom a mention of all names: its other members. */
  readonly all?: readonly PersonId[];
}

/**
 * Reads mentions: messages write `@` and the digits of a JID, which count only where the JID is among `mentioned` too.
 */
export function readMentions(
  { person, own, user, names }: ChatPair,
  name: string | undefined,
  mentioned: readonly string[] = [],
): ReadMention | undefined {
  if (mentioned.length === 0) return undefined;
  const jids = new Set(mentioned.map(withoutDevice));
  const localpart = /^@([^:]*)/.exec(user)?.[1] ?? user;
  const styles = new Map<string, { readonly style: MentionStyle; readonly label: string }>();
  if (jids.has(own))
    styles.set(digitsOf(own), { style: { kind: "mentionUser", user }, label: `@${localpart}` });
  const people = new Map(names).set(person, name ?? names?.get(person));
  for (const jid of jids) {
    const mentionedPerson = jid as PersonId;
    const digits = digitsOf(jid);
    if (jid === own || digits === "" || !people.has(mentionedPerson)) continue;
    const called = people.get(mentionedPerson);
    // The label is shortened, because a text may repeat the mention as often as it has room for the digits.
    const label = `@${called === undefined ? digits : cleanName(called, digits)}`;
    styles.set(digits, { style: { kind: "mentionPerson", person: mentionedPerson }, label });
  }
  return (digits) => styles.get(digits);
}

/** Writes mentions; `mentioned` collects their JIDs, which must go with the text. */
export function writeMentions(
  { person, own, user, names, all = [] }: ChatPair,
  ghosts: ReadonlyMap<UserId, PersonId>,
): { readonly write: WriteMention; readonly mentioned: ReadonlySet<string> } {
  const mentioned = new Set<string>();
  const write = (style: MentionStyle): string | undefined => {
    // The networks have no word for all, so its members are named beside the text as it is.
    if (style.kind === "mentionRoom") for (const member of all) mentioned.add(member);
    const jid = jidOf(style);
    if (jid === undefined || digitsOf(jid) === "") return undefined;
    mentioned.add(jid);
    return `@${digitsOf(jid)}`;
  };
  const jidOf = (style: MentionStyle): string | undefined => {
    if (style.kind === "mentionRoom") return undefined;
    const mentionedPerson = style.kind === "mentionPerson" ? style.person : ghosts.get(style.user);
    if (mentionedPerson !== undefined && (mentionedPerson === person || names?.has(mentionedPerson)))
      return mentionedPerson;
    return style.kind === "mentionUser" && style.user === user ? own : undefined;
  };
  return { write, mentioned };
}

/** Matrix ids a message mentions. */
export function usersIn(message: Message): readonly UserId[] {
  return [
    ...new Set(stylesIn(message).flatMap((style) => (style.kind === "mentionUser" ? [style.user] : []))),
  ];
}

/** Whether a message mentions everybody. */
export const namesAll = (message: Message): boolean =>
  stylesIn(message).some(({ kind }) => kind === "mentionRoom");

/** The network's people whom a message mentions by themselves. */
export function peopleIn(message: Message): readonly PersonId[] {
  return stylesIn(message).flatMap((style) => (style.kind === "mentionPerson" ? [style.person] : []));
}

function stylesIn({ parts }: Message) {
  const texts = parts.flatMap((part): readonly RichText[] => {
    if (part.kind === "text") return [part.body];
    return part.kind === "media" && part.caption ? [part.caption] : [];
  });
  return texts.flatMap(({ spans }) => spans.map(({ style }) => style));
}

function digitsOf(jid: string): string {
  const parsed = parseJid(jid);
  return parsed !== undefined && /^\d{3,20}$/.test(parsed.user) ? parsed.user : "";
}

function withoutDevice(jid: string): string {
  return jid.replace(/:\d+@/, "@");
}
