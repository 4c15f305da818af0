import type { Message, PhoneItem } from "../../model/phone.ts";
import { words } from "../words.ts";

/** A message in one line, for lists, quotations and those who listen to the page. */
export function summaryOf({ item, edited, deleted }: Pick<Message, "item" | "edited" | "deleted">): string {
  if (deleted) return item.own === true ? words.chat.youDeleted : words.chat.deleted;
  const said = edited ?? item.text ?? item.caption;
  if (item.kind === "text") return said ?? "";
  const kind = words.kinds[item.kind] ?? item.kind;
  const what = said ?? item.media?.name ?? item.name ?? item.emoji ?? item.what;
  return what === undefined || what === "" ? kind : `${kind}: ${what}`;
}

export const nameOf = (item: PhoneItem): string => (item.own === true ? words.chat.you : item.from_name);
