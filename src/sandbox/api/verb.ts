import { z } from "zod";
import { isGroup } from "../../networks/meta-interop/wire/groups.ts";
import type { TypingRelay } from "../chat/typing-relay.ts";
import type { Groups } from "../groups/groups.ts";
import { HttpError } from "../http/http-error.ts";
import type { People } from "../phone/people.ts";
import type { Person } from "../phone/person.ts";
import type { Account } from "../state/accounts.ts";

/** What a verb may use besides the person. */
export interface VerbContext {
  readonly person: Person;
  readonly people: People;
  readonly groups: Groups;
  readonly typing: TypingRelay;
  /** Hands a phone that is on again what waited for it. Call it in the person's lane. */
  readonly catchUp: (person: Person) => Promise<void>;
}

/** What a verb answers: `refused` names those for whom it was not done, with a code each (docs/sandbox.md: Groups). */
export interface Done {
  readonly id?: string;
  readonly refused?: Readonly<Record<string, string>>;
}

/** Something a person can do: the fields it takes, and `run`, which resolves when all is committed. */
export interface Verb {
  readonly fields: z.ZodType;
  run(context: VerbContext, fields: unknown): Promise<Done>;
}

/** Fields that every verb takes; a verb that needs none of them ignores them. */
const common = z.strictObject({
  to: z.string().min(1).optional(),
  id: z.string().min(1).max(128).optional(),
});

export function verb<Schema extends z.ZodObject>(
  fields: Schema,
  run: (context: VerbContext, fields: z.output<Schema>) => Promise<Done>,
): Verb {
  return {
    fields: common.extend(fields.shape),
    run: (context, given) => run(context, given as z.output<Schema>),
  };
}

/** The integrator's user that `to` names, by visible id or JID. */
export function addressee(person: Person, to: string | undefined): Account {
  if (to === undefined)
    throw new HttpError(400, "malformed", "This verb needs `to`, the visible id of a user.");
  if (isGroup(to)) throw new HttpError(400, "malformed", "This verb needs a user, not a group.");
  const account = person.parts.accounts.resolve(person.row.network, to);
  if (account === undefined)
    throw new HttpError(404, "no-such-user", "Nobody with this visible id is enlisted here.");
  return account;
}

/** The addressee; throws when this person may not write to them now. */
export function correspondent(person: Person, to: string | undefined): Account {
  const account = addressee(person, to);
  if (person.row.gone) throw new HttpError(409, "gone", "This person has left the network.");
  if (!person.row.online)
    throw new HttpError(409, "offline", "This person's phone is off; let it come online first.");
  const why = person.unreachable(account.integrator);
  const words = {
    off: "This person has third-party chats off.",
    app: "This person has not chosen this app.",
    ended: "The network does not work with this app now.",
  };
  if (why !== undefined) throw new HttpError(409, `not-reachable-${why}`, words[why]);
  if (person.parts.messages.blocked(person.id, account.id, "person")) {
    throw new HttpError(409, "blocked", "This person has blocked this user.");
  }
  return account;
}
