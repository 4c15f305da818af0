import { fieldOf, listOf } from "../http/json.ts";
import { PREVIEWS } from "./link-previews.ts";

/** Whether an event brings a file that is not encrypted. An edit brings none: it repeats the one that it describes. */
export function bringsClearFile(content: unknown): boolean {
  if (fieldOf(content, "m.new_content") !== undefined) return false;
  const addresses = [
    fieldOf(content, "url"),
    fieldOf(fieldOf(content, "info"), "thumbnail_url"),
    ...listOf(fieldOf(content, PREVIEWS)).map((preview) => fieldOf(preview, "og:image")),
  ];
  return addresses.some((address) => typeof address === "string");
}
