import { createHash } from "node:crypto";
import type { UserId } from "../../core/model/ids.ts";
import type { CommandDescription, EncodedState } from "../../core/ports/homeserver.ts";

/** MSC1767's container of text. */
const text = (body: string) => ({ "m.text": [{ body }] });

/**
 * The state event that tells clients of a bot's command (MSC4391, unstable). Its parameters have the proposal's `type` and
 * `required`, and the `schema` and `optional` that clients and mautrix have by now.
 */
export function commandDescription(
  { name, summary, parameters }: CommandDescription,
  bot: UserId,
): EncodedState {
  const tail = parameters.findLast(({ optional }) => !optional) ?? parameters.at(-1);
  return {
    type: "org.matrix.msc4391.command_description",
    stateKey: createHash("sha256").update(`${name}${bot}`).digest("base64"),
    content: {
      command: name,
      description: text(summary),
      parameters: parameters.map(({ key, words, optional }) => ({
        key,
        type: "string",
        schema: { schema_type: "primitive", type: "string" },
        required: !optional,
        optional,
        description: text(words),
      })),
      // Of this one all words that follow are part, as of a name.
      ...(tail === undefined ? {} : { "fi.mau.tail_parameter": tail.key }),
    },
  };
}
