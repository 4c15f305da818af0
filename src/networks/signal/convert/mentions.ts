import type { Message } from "../../../core/model/content.ts";
import type { PersonId, UserId } from "../../../core/model/ids.ts";
import { cleanName } from "../../../core/model/names.ts";
import type { MentionStyle, RichText } from "../../../core/model/rich-text.ts";
import { isNumberOnly, personOf, serviceIdOf } from "../ids.ts";
import type { DataMessage } from "../wire/data-message.ts";
import type { ServiceId } from "../wire/service-id.ts";

/** The most mentions of a text that become names: each may be far longer than the sign it stands for. */
export const MOST_MENTIONS = 200;

/** Our person, by Signal account and Matrix id. */
export interface OwnPerson {
  readonly own: PersonId;
  readonly user: UserId;
}

/** Who is named in a text, and the words that stand for them; undefined where that is nobody. */
export type ReadMention = (
  account: ServiceId,
) => { readonly style: MentionStyle; readonly label: string } | undefined;
/** The account that Signal's apps put a mention of; undefined where the name stays text. */
export type WriteMention = (style: MentionStyle) => ServiceId | undefined;

/** Reads mentions; `names` has the people's names, those that are known. */
export function readMentions({ own, user }: OwnPerson, names: ReadonlyMap<PersonId, string>): ReadMention {
  return (account) => {
    const person = personOf(account);
    if (person === undefined) return undefined;
    if (person === own)
      return { style: { kind: "mentionUser", user }, label: `@${/^@([^:]*)/.exec(user)?.[1] ?? user}` };
    const name = cleanName(names.get(person) ?? "", "somebody");
    return { style: { kind: "mentionPerson", person }, label: `@${name}` };
  };
}

/** Writes mentions; `ghosts` has the people by the Matrix ids of their ghosts. */
export function writeMentions({ own, user }: OwnPerson, ghosts: ReadonlyMap<UserId, PersonId>): WriteMention {
  return (style) => {
    if (style.kind === "mentionRoom") return undefined;
    const person =
      style.kind === "mentionPerson" ? style.person : style.user === user ? own : ghosts.get(style.user);
    return person === undefined || isNumberOnly(person) ? undefined : serviceIdOf(person);
  };
}

/** The people a message names, also in what it answers, whose names its conversion takes; the first of very many. */
export function peopleIn({ payload }: Pick<DataMessage, "payload">): ReadonlySet<PersonId> {
  const people = new Set<PersonId>();
  const ranges = payload.kind === "message" ? payload.ranges : [];
  const quoted = "quote" in payload ? payload.quote?.ranges : undefined;
  for (const { mark } of [...ranges, ...(quoted ?? [])]) {
    const person = "mention" in mark ? personOf(mark.mention) : undefined;
    if (person !== undefined && people.size < MOST_MENTIONS) people.add(person);
  }
  return people;
}

/** The Matrix ids a message names, whose people its conversion takes. */
export function usersIn({ parts }: Message): ReadonlySet<UserId> {
  const texts = parts.flatMap((part): readonly RichText[] => {
    if (part.kind === "text") return [part.body];
    return part.kind === "media" && part.caption ? [part.caption] : [];
  });
  return new Set(
    texts.flatMap(({ spans }) =>
      spans.flatMap(({ style }) => (style.kind === "mentionUser" ? [style.user] : [])),
    ),
  );
}
