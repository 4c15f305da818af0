import { z } from "zod";
import { HttpError } from "../http/http-error.ts";
import type { Done, Verb, VerbContext } from "./verb.ts";
import { groupVerbs } from "./verbs-groups.ts";
import { mediaVerbs } from "./verbs-media.ts";
import { messageVerbs } from "./verbs-messages.ts";
import { otherVerbs } from "./verbs-other.ts";
import { settingVerbs } from "./verbs-settings.ts";
import { typingAndReceiptVerbs } from "./verbs-typing-and-receipts.ts";

/** Everything a person can do, by name. */
export const verbs: Readonly<Record<string, Verb>> = {
  ...messageVerbs,
  ...mediaVerbs,
  ...otherVerbs,
  ...typingAndReceiptVerbs,
  ...settingVerbs,
  ...groupVerbs,
};

const verbRequest = z.looseObject({ verb: z.string() });

/** Runs the verb of a control request; resolves when its effects are committed. */
export async function act(context: VerbContext, body: unknown): Promise<Done> {
  const named = verbRequest.safeParse(body);
  if (!named.success) throw new HttpError(400, "malformed", "The body must name a `verb`.");
  const { verb: name, ...fields } = named.data;
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb === undefined) {
    throw new HttpError(
      400,
      "unknown-verb",
      `There is no verb of this name; there are ${Object.keys(verbs).join(", ")}.`,
    );
  }
  const read = verb.fields.safeParse(fields);
  if (!read.success) throw new HttpError(400, "malformed", z.prettifyError(read.error));
  if (context.person.row.gone) throw new HttpError(409, "gone", "This person has left the network.");
  const id = typeof fields["id"] === "string" ? { id: fields["id"] } : {};
  return { ...id, ...(await verb.run(context, read.data)) };
}
