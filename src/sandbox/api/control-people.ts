import { Fingerprint, PublicKey } from "@signalapp/libsignal-client";
import { z } from "zod";
import { networkNames } from "../config.ts";
import { HttpError } from "../http/http-error.ts";
import type { HttpRequest, Route } from "../http/http-server.ts";
import { externalId, type People } from "../phone/people.ts";
import type { Person } from "../phone/person.ts";
import type { PhoneFiles } from "../phone/phone-files.ts";
import { publicKey } from "../phone/signal-bundle.ts";
import type { AccountIdentities } from "../state/account-identities.ts";
import { accountJid } from "../state/accounts.ts";
import { stanzaId } from "../state/outgoing-stanzas.ts";
import { addressee, type VerbContext } from "./verb.ts";
import { act } from "./verbs.ts";

const newPerson = z.strictObject({
  network: z.enum(networkNames),
  name: z.string().min(1).max(255),
  phone: z.string().optional(),
  username: z.string().min(1).max(64).optional(),
  optedIn: z.boolean().optional(),
  apps: z.array(z.int().min(1).max(999)).optional(),
});

const longestWait = 60_000;
const mediaBody = 192 << 20;

function wholeNumber(url: URL, name: string, most: number): number {
  const value = Number(url.searchParams.get(name) ?? "0");
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new HttpError(400, "malformed", `\`${name}\` must be a whole number from 0 to ${most}.`);
  }
  return value;
}

const described = (person: Person): Readonly<Record<string, unknown>> => {
  const { id, network, jid, name, phone, username, optedIn, apps, online, inboxMode, gone } = person.row;
  const shown = { person: id, network, name, jid, external_id: externalId(person.row), phone, username };
  return { ...shown, optedIn, apps, online, inbox: inboxMode, left: gone };
};

/** The safety number: libsignal's fingerprint, version 2, 5200 iterations, over both JIDs as UTF-8. */
function safetyNumber(person: Person, identities: AccountIdentities, withWhom: string): string {
  const account = addressee(person, withWhom);
  const remoteJid = accountJid(account);
  const sessionIdentity = person.signal.identity(remoteJid);
  const uploaded = identities.get(account.id)?.identity;
  const remote = sessionIdentity ?? (uploaded === undefined ? undefined : publicKey(uploaded));
  if (!(remote instanceof PublicKey))
    throw new HttpError(409, "no-keys", "This user's app has uploaded no keys yet.");
  const local = person.signal.pair.publicKey;
  const name = (jid: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(jid));
  return Fingerprint.new(5200, 2, name(person.row.jid), local, name(remoteJid), remote)
    .displayableFingerprint()
    .toString();
}

/** Makes persons, has them act, and shows what is on their phones. */
export function peopleRoutes(
  base: string,
  people: People,
  identities: AccountIdentities,
  files: PhoneFiles,
  context: Omit<VerbContext, "person">,
): readonly Route[] {
  const personOf = ({ params }: HttpRequest): Person => {
    const person = people.get(params["person"] ?? "");
    if (person === undefined) throw new HttpError(404, "no-such-person", "There is no person of this name.");
    return person;
  };

  async function inbox(request: HttpRequest) {
    const { id, parts } = personOf(request);
    const since = wholeNumber(request.url, "since", Number.MAX_SAFE_INTEGER);
    const deadline = performance.now() + wholeNumber(request.url, "wait", longestWait);
    for (;;) {
      const items = parts.inboxes.read(id, since);
      const left = deadline - performance.now();
      if (items.length > 0 || left <= 0 || request.signal.aborted) {
        return { status: 200, body: { items, next: items.at(-1)?.["seq"] ?? since } };
      }
      await parts.inboxes.changed(id, left, request.signal);
    }
  }

  return [
    {
      method: "GET",
      path: `${base}/people`,
      handle: () => ({ status: 200, body: { people: people.all().map(described) } }),
    },
    {
      method: "POST",
      path: `${base}/people`,
      async handle(request) {
        const read = newPerson.safeParse(await request.json());
        if (!read.success) throw new HttpError(400, "malformed", z.prettifyError(read.error));
        const { id, row } = await people.create(read.data);
        return { status: 200, body: { person: id, jid: row.jid, external_id: externalId(row) } };
      },
    },
    {
      method: "POST",
      path: `${base}/people/:person/do`,
      async handle(request) {
        const person = personOf(request);
        const { id } = await act({ ...context, person }, await request.json(mediaBody));
        return { status: 200, body: { id: id ?? stanzaId() } };
      },
    },
    { method: "GET", path: `${base}/people/:person/inbox`, handle: inbox },
    {
      method: "GET",
      path: `${base}/people/:person/media/:id`,
      async handle(request) {
        const { bytes, mimetype } = await files.open(personOf(request), request.params["id"] ?? "");
        return { status: 200, bytes, type: mimetype };
      },
    },
    {
      method: "GET",
      path: `${base}/people/:person/safety`,
      handle(request) {
        const person = personOf(request);
        const withWhom = request.url.searchParams.get("with") ?? "";
        return { status: 200, body: { number: safetyNumber(person, identities, withWhom) } };
      },
    },
  ];
}
