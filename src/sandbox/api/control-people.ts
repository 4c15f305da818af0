import { z } from "zod";
import { networkNames } from "../config.ts";
import { HttpError } from "../http/http-error.ts";
import type { HttpRequest, Route } from "../http/http-server.ts";
import { describedPerson } from "../phone/described-person.ts";
import { externalId, type People } from "../phone/people.ts";
import type { PhoneFiles } from "../phone/phone-files.ts";
import { pictureOf, pictureType } from "../phone/profile-picture.ts";
import { stanzaId } from "../state/outgoing-stanzas.ts";
import { namedPerson } from "./named-person.ts";
import type { VerbContext } from "./verb.ts";
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

/** Makes persons, has them act, and shows what is on their phones. */
export function peopleRoutes(
  base: string,
  people: People,
  files: PhoneFiles,
  context: Omit<VerbContext, "person">,
): readonly Route[] {
  const personOf = namedPerson(people);

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
      handle: () => ({ status: 200, body: { people: people.all().map(describedPerson) } }),
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
        const done = await act({ ...context, person }, await request.json(mediaBody));
        return { status: 200, body: { id: stanzaId(), ...done } };
      },
    },
    { method: "GET", path: `${base}/people/:person/inbox`, handle: inbox },
    {
      method: "GET",
      path: `${base}/people/:person/picture`,
      async handle(request) {
        const { row, parts } = personOf(request);
        const bytes = pictureOf(row, parts.media);
        if (!bytes) throw new HttpError(404, "no-picture", "They have no picture.");
        return { status: 200, bytes, type: pictureType(bytes) };
      },
    },
    {
      method: "GET",
      path: `${base}/people/:person/media/:id`,
      async handle(request) {
        const { bytes, mimetype } = await files.open(personOf(request), request.params["id"] ?? "");
        return { status: 200, bytes, type: mimetype };
      },
    },
  ];
}
