import { Aci, type Net, usernames } from "@signalapp/libsignal-client";
import type { LoginId, NetworkId, PersonId } from "../../../core/model/ids.ts";
import type { Found } from "../../../core/ports/network.ts";
import type { Store } from "../../../core/ports/store.ts";
import { chatWith, isNumberOnly, personOf, serviceIdOf } from "../ids.ts";
import { type Recipient, signalFamily } from "../records.ts";
import { accessKeyFrom } from "../service/access-key.ts";
import type { KnownAccount, NumberDirectory } from "../service/number-directory.ts";
import { shownName } from "../shown-name.ts";
import { type TypedContact, typedContact } from "./typed-contact.ts";

type Lookups = Pick<Net.UnauthUsernamesService, "lookUpUsernameHash" | "lookUpUsernameLink"> &
  Pick<Net.UnauthProfilesService, "accountExists">;

interface FindParts {
  readonly login: LoginId;
  /** Our person's own account, and its number: the chat with it is their note to self. */
  readonly own: PersonId;
  readonly ownNumber: string | undefined;
  readonly network: NetworkId;
  readonly store: Store;
  readonly anonymous: () => Promise<Lookups>;
  readonly directory: Pick<NumberDirectory, "find">;
}

/** Finds a contact by username, link, number, name or account. Throws what the service fails with. */
export async function findContact(parts: FindParts, query: string): Promise<Found> {
  const typed = typedContact(query);
  const { login, store } = parts;
  const signal = store.family(signalFamily);
  switch (typed.kind) {
    case "number": {
      if (typed.number === parts.ownNumber) return foundAs(stranger(parts.own), parts);
      const found = await signal.byNumber(login, typed.number);
      return found ? foundAs(found, parts) : byNumber(await signal.recipients(login), typed.number, parts);
    }
    case "unclear":
      return { kind: "not-found", words: UNCLEAR[typed.what] };
    case "name":
      return byName(await signal.named(login, typed.name), parts);
    case "account":
    case "username":
    case "link": {
      const found = await lookedUp(parts, typed);
      if (found === undefined) return { kind: "not-found", words: NOBODY[typed.kind] };
      const { person, username } = found;
      const recipient = (await signal.recipient(login, person)) ?? stranger(person);
      return foundAs(recipient, parts, username);
    }
  }
}

async function lookedUp(
  { anonymous }: FindParts,
  typed: Extract<TypedContact, { kind: "account" | "username" | "link" }>,
): Promise<{ readonly person: PersonId; readonly username?: string } | undefined> {
  const service = await anonymous();
  if (typed.kind === "account") {
    const account = Aci.parseFromServiceIdString(serviceIdOf(typed.person));
    return (await service.accountExists({ account })) ? { person: typed.person } : undefined;
  }
  const username =
    typed.kind === "username" ? typed.username : (await service.lookUpUsernameLink(typed))?.username;
  const hash = username === undefined ? undefined : hashed(username);
  if (username === undefined || hash === undefined) return undefined;
  const person = personOf((await service.lookUpUsernameHash({ hash }))?.getServiceIdString());
  return person === undefined ? undefined : { person, username };
}

/** Undefined for what no username looks like. */
function hashed(username: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(usernames.hash(username));
  } catch {
    return undefined;
  }
}

/** A number that is none of a contact's: Signal's directory is asked, by which nobody learns who asks. */
async function byNumber(known: readonly Recipient[], number: string, parts: FindParts): Promise<Found> {
  const listed = await parts.directory.find(number, known.flatMap(knownAccount));
  if (listed === "no-directory") return { kind: "not-found", words: NUMBER_WORDS };
  const person = listed === "none" ? undefined : (personOf(listed.aci) ?? personOf(listed.pni));
  if (person === undefined) return { kind: "not-found", words: UNLISTED_WORDS };
  const found = known.find((one) => one.person === person || one.stored?.pni === person);
  return foundAs(found ?? stranger(person), parts);
}

function knownAccount({ person, profileKey }: Recipient): KnownAccount[] {
  const accessKey = accessKeyFrom(profileKey);
  if (accessKey === undefined || isNumberOnly(person)) return [];
  return [{ aci: serviceIdOf(person), accessKey: Buffer.from(accessKey).toString("base64") }];
}

async function byName([only, ...others]: readonly Recipient[], parts: FindParts): Promise<Found> {
  if (!only) return { kind: "not-found", words: NAME_WORDS };
  return others.length === 0 ? foundAs(only, parts) : { kind: "not-found", words: SEVERAL_WORDS };
}

/** Whom our person blocks is found like anybody: they may look at the chat, and are told why nothing is sent there. */
async function foundAs(recipient: Recipient, parts: FindParts, username?: string): Promise<Found> {
  const { person } = recipient;
  return {
    kind: "found",
    contact: {
      person,
      chat: chatWith(person),
      name: await shownName(parts, recipient, username),
      reachability: "reachable",
      ...(person === parts.own && { self: true }),
    },
  };
}

const stranger = (person: PersonId): Recipient => ({
  person,
  profileKey: undefined,
  profile: undefined,
  stored: undefined,
});

const NOBODY = {
  account: "Nobody on Signal has this account.",
  username: "Nobody on Signal has this username. Usernames end in a dot and digits, such as ana.01.",
  link: "This link leads to nobody on Signal any more. Ask for a new one.",
};
const UNCLEAR = {
  number: "Write the number with its country code, such as +31612345678.",
  link: "This link is not whole. Copy all of it from Signal: it begins with https://signal.me/#eu/ and goes on with 64 characters.",
};
const NUMBER_WORDS =
  "None of your contacts in Signal has this number, and this server has no directory of others'. Ask for a username or link.";
const UNLISTED_WORDS =
  "Nobody on Signal is found by this number: it is not on Signal, or its owner chose not to be found by it. Ask them for a username or link.";
const NAME_WORDS =
  "None of your contacts in Signal has this name. Write a username, such as ana.01, or a signal.me link.";
const SEVERAL_WORDS =
  "Several of your contacts in Signal have this name. Write a username, a number or a signal.me link.";
