import { z } from "zod";
import { HttpError } from "../../../src/sandbox/http/http-error.ts";
import type { DataMessage } from "../contents.ts";
import type { Person } from "../person.ts";
import type { PlayedGroup } from "../played-group.ts";
import type { SignalMock } from "../signal-mock.ts";
import { fieldsFrom } from "./field-json.ts";
import { messageId } from "./phone-item.ts";

const group = z.string().min(1);
const people = z.array(z.string().min(1)).min(1);
/** More fields of a message, as Signal's protobufs have them. */
const fields = z
  .record(z.string(), z.unknown())
  .transform((given) => fieldsFrom(given) as DataMessage)
  .optional();

/** What a person does in a group, which is named by its id. */
export const groupAct = z.discriminatedUnion("verb", [
  z.strictObject({ verb: z.literal("createsGroup"), title: z.string(), people }),
  z.strictObject({
    verb: z.literal("writesIn"),
    group,
    text: z.string().optional(),
    fields,
    /** By a sender key. */
    byKey: z.literal(true).optional(),
  }),
  z.strictObject({ verb: z.literal("renamesGroup"), group, title: z.string() }),
  z.strictObject({ verb: z.literal("describesGroup"), group, text: z.string() }),
  z.strictObject({ verb: z.literal("setsGroupTimer"), group, seconds: z.int().nonnegative() }),
  z.strictObject({ verb: z.literal("restrictsGroup"), group, on: z.boolean() }),
  z.strictObject({ verb: z.literal("adds"), group, people }),
  z.strictObject({ verb: z.literal("removes"), group, people }),
  z.strictObject({ verb: z.literal("invites"), group, person: z.string() }),
  z.strictObject({ verb: z.literal("promotes"), group, person: z.string() }),
  z.strictObject({ verb: z.literal("demotes"), group, person: z.string() }),
  z.strictObject({ verb: z.literal("leavesGroup"), group }),
  z.strictObject({ verb: z.literal("typesIn"), group, on: z.boolean() }),
]);
type GroupAct = z.output<typeof groupAct>;

/** Does it; answers the id of the group that it made, or of the message. */
export async function doInGroup(
  mock: SignalMock,
  by: Person,
  known: (who: string) => Person,
  asked: GroupAct,
): Promise<string> {
  if (asked.verb === "createsGroup")
    return (await mock.createGroup(asked.title, by, ...asked.people.map(known))).id;
  const played = groupOf(mock, asked.group);
  const { timestamp } = await does(played, by, known, asked);
  return messageId(by.aci, timestamp);
}

function does(
  played: PlayedGroup,
  by: Person,
  known: (who: string) => Person,
  asked: Exclude<GroupAct, { readonly verb: "createsGroup" }>,
): Promise<{ readonly timestamp: number }> {
  switch (asked.verb) {
    case "writesIn": {
      const { text, fields: data = {}, byKey } = asked;
      const whole = { ...(text === undefined ? {} : { body: text }), ...data };
      if (by.linkedDevices.length > 0) return played.writesFromPhone(by, whole);
      return byKey ? played.sendsByKey(by, whole) : played.sends(by, whole);
    }
    case "renamesGroup":
      return played.renames(by, asked.title);
    case "describesGroup":
      return played.describes(by, asked.text);
    case "setsGroupTimer":
      return played.setsTimer(by, asked.seconds);
    case "restrictsGroup":
      return played.announces(by, asked.on);
    case "adds":
      return played.adds(by, asked.people.map(known));
    case "removes":
      return played.removes(by, asked.people.map(known));
    case "invites":
      return played.invites(by, known(asked.person));
    case "promotes":
    case "demotes":
      return played.makesAdmin(by, known(asked.person), asked.verb === "promotes");
    case "leavesGroup":
      return played.leaves(by);
    case "typesIn":
      return played.types(by, asked.on);
  }
}

function groupOf(mock: SignalMock, id: string): PlayedGroup {
  const found = mock.groups.get(id);
  if (found !== undefined) return found;
  throw new HttpError(404, "no-group", "The mock has no group of this id.");
}
