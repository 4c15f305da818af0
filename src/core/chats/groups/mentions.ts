import type { Message, Part } from "../../model/content.ts";
import type { RemoteEvent } from "../../model/events.ts";
import type { PersonId, UserId } from "../../model/ids.ts";
import type { MentionStyle, RichText, Style } from "../../model/rich-text.ts";
import type { Portal } from "../../ports/rows.ts";
import type { Store } from "../../ports/store.ts";

/** The most people of one message who are looked up; who is named beyond that stays text. */
const MOST_NAMED = 200;

/** A message in which `as` says who is meant by a mention; where it says nothing the mention stays as it is. */
export function withMentions(
  message: Message,
  as: (style: MentionStyle) => MentionStyle | undefined,
): Message {
  const said = (style: Style): Style => (isMention(style) ? (as(style) ?? style) : style);
  const written = ({ text, spans }: RichText): RichText => ({
    text,
    spans: spans.map((span) => ({ ...span, style: said(span.style) })),
  });
  const parts = message.parts.map((part): Part => {
    if (part.kind === "text") return { ...part, body: written(part.body) };
    return part.kind === "media" && part.caption ? { ...part, caption: written(part.caption) } : part;
  });
  return { ...message, parts };
}

/** A network's event in which people are named by their users here: another of ours as themself, others by their ghosts. */
export async function withUsers(
  store: Pick<Store, "portals" | "logins" | "ghosts">,
  portal: Portal | undefined,
  event: RemoteEvent,
): Promise<RemoteEvent> {
  if ((event.kind !== "message" && event.kind !== "edit") || !portal) return event;
  const people = peopleIn(event.message);
  if (people.size === 0) return event;
  const ours = await ownMembers(store, portal);
  const users = new Map(Array.from(ours, ([user, person]) => [person, user]));
  for (const person of people) {
    const ghost = users.has(person) ? undefined : await store.ghosts.byPerson(portal.network, person);
    if (ghost) users.set(person, ghost.user);
  }
  const message = withMentions(event.message, (style) => {
    const user = style.kind === "mentionPerson" ? users.get(style.person) : undefined;
    return user === undefined ? undefined : { kind: "mentionUser", user };
  });
  return { ...event, message };
}

/** Who on the network those of our people are who share a group's room, by Matrix id. */
export async function ownMembers(
  { portals, logins }: Pick<Store, "portals" | "logins">,
  { kind, room }: Portal,
): Promise<ReadonlyMap<UserId, PersonId>> {
  const members = new Map<UserId, PersonId>();
  if (kind === "direct" || room === undefined) return members;
  for (const portal of await portals.ofRoom(room)) {
    if (portal.kind === "direct" || portal.state === "archived" || portal.self === "") continue;
    const user = (await logins.get(portal.login))?.user;
    if (user !== undefined) members.set(user, portal.self);
  }
  return members;
}

function peopleIn({ parts }: Message): ReadonlySet<PersonId> {
  const people = new Set<PersonId>();
  for (const part of parts) {
    const text = part.kind === "text" ? part.body : part.kind === "media" ? part.caption : undefined;
    for (const { style } of text?.spans ?? [])
      if (style.kind === "mentionPerson" && people.size < MOST_NAMED) people.add(style.person);
  }
  return people;
}

const isMention = (style: Style): style is MentionStyle =>
  style.kind === "mentionPerson" || style.kind === "mentionUser" || style.kind === "mentionRoom";
