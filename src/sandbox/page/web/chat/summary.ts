import type { Chat, Message, PhoneItem } from "../../model/phone.ts";
import { words } from "../words.ts";

/** A message in one line, for lists, quotations and those who listen to the page. */
export function summaryOf({ item, edited, deleted }: Pick<Message, "item" | "edited" | "deleted">): string {
  if (deleted) return item.own === true ? words.chat.youDeleted : words.chat.deleted;
  if (item.kind === "group") return groupNotice(item);
  const said = edited ?? item.text ?? item.caption;
  if (item.kind === "text") return said ?? "";
  const kind = words.kinds[item.kind] ?? item.kind;
  const what = said ?? item.media?.name ?? item.name ?? item.emoji ?? item.what;
  return what === undefined || what === "" ? kind : `${kind}: ${what}`;
}

export const nameOf = (item: PhoneItem): string => (item.own === true ? words.chat.you : item.from_name);

export function typingWords({ voice, name }: NonNullable<Chat["typing"]>): string {
  const what = voice ? words.chats.recording : words.chats.typing;
  return name === undefined ? what : `${name} ${what}`;
}

/** What somebody did with a group, in a sentence. */
function groupNotice(item: PhoneItem): string {
  const who = nameOf(item);
  const named = item.member_names ?? [];
  const whom = named.join(", ");
  const { text = "", on = false } = item;
  const { notices } = words.group;
  switch (item.change) {
    case "created":
      return notices.created(who, text);
    case "added":
      return item.members?.includes(item.from) ? notices.joined(who) : notices.added(who, whom);
    case "removed":
      return item.members?.includes(item.from) ? notices.left(who) : notices.removed(who, whom);
    case "promoted":
      return notices.promoted(who, whom, named.length === 1);
    case "demoted":
      return notices.demoted(who, whom);
    case "renamed":
      return notices.renamed(who, text);
    case "described":
      return text === "" ? notices.undescribed(who) : notices.described(who, text);
    case "pictured":
      return notices.pictured(who, on);
    case "announcement":
      return notices.writes(who, on);
    case "locked":
      return notices.changes(who, on);
    case undefined:
    default:
      return words.kinds["group"] ?? "";
  }
}
