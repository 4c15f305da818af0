import type { OnlineSessions } from "../chat/online-sessions.ts";
import type { Groups } from "../groups/groups.ts";
import type { HttpRequest, Route } from "../http/http-server.ts";
import { applyItem, type Chats, inOrder } from "../page/model/fold.ts";
import type { PhoneItem, PhoneState } from "../page/model/phone.ts";
import type { Person } from "../phone/person.ts";
import type { AccountIdentities } from "../state/account-identities.ts";
import type { CommitGroup } from "../state/commit-group.ts";
import { eventText, liveEvents } from "./event-stream.ts";
import { namedPerson } from "./named-person.ts";
import { phoneSettings } from "./phone-settings.ts";
import { safetyCode, safetyNumber } from "./safety-number.ts";

/** The items that a state is made of. */
const mostItems = 5000;

interface PhoneParts {
  readonly groups: Groups;
  readonly sessions: OnlineSessions;
  readonly commits: CommitGroup;
  readonly identities: AccountIdentities;
  /** Names the file whose sequence numbers the events carry. */
  readonly instance: string;
}

/** Where a reader stands: the last item it has. Undefined when that is of another file. */
function sinceOf({ headers, url }: HttpRequest, instance: string): number | undefined {
  const last = headers["last-event-id"] ?? url.searchParams.get("after") ?? `${instance}-0`;
  const [, file, seq] = /^([0-9a-f]+)-(\d{1,15})$/.exec(String(last)) ?? [];
  return file === instance ? Number(seq) : undefined;
}

/** A phone as its screen shows it, live. */
export function phoneRoutes(base: string, parts: PhoneParts): readonly Route[] {
  const { groups, sessions, commits, identities, instance } = parts;
  const personOf = namedPerson(groups.people);
  const at = (seq: number): string => `${instance}-${seq}`;

  function state(person: Person): PhoneState {
    const items = person.parts.inboxes.newest(person.id, mostItems) as unknown as readonly PhoneItem[];
    const chats: Chats = new Map();
    for (const item of items) applyItem(chats, item);
    const after = at(items.at(-1)?.seq ?? 0);
    const cut = items.length === mostItems;
    return { ...phoneSettings(person, groups, sessions), chats: inOrder(chats), after, cut };
  }

  function events(request: HttpRequest) {
    const person = personOf(request);
    let since = sinceOf(request, instance);
    let told = "";
    const next = (): string => {
      const settings = JSON.stringify(phoneSettings(person, groups, sessions));
      const news = settings === told ? "" : `event: settings\ndata: ${settings}\n\n`;
      told = settings;
      if (since === undefined) {
        since = Number.MAX_SAFE_INTEGER;
        return eventText("reset", {});
      }
      const items = person.parts.inboxes.journal(person.id, since) as unknown as readonly PhoneItem[];
      since = items.at(-1)?.seq ?? since;
      return news + items.map((item) => eventText("item", item, at(item.seq))).join("");
    };
    return {
      status: 200,
      events: liveEvents((listener) => commits.onCommit(listener), request.signal, next),
    };
  }

  const numberOf = (request: HttpRequest) =>
    safetyNumber(personOf(request), identities, request.url.searchParams.get("with") ?? "");

  return [
    {
      method: "GET",
      path: `${base}/people/:person/phone`,
      handle: (request) => ({ status: 200, body: state(personOf(request)) }),
    },
    { method: "GET", path: `${base}/people/:person/events`, handle: events },
    {
      method: "GET",
      path: `${base}/people/:person/safety`,
      handle: (request) => ({ status: 200, body: { number: numberOf(request).digits } }),
    },
    {
      method: "GET",
      path: `${base}/people/:person/safety.svg`,
      handle: async (request) => ({
        status: 200,
        bytes: Buffer.from(await safetyCode(numberOf(request).scannable)),
        type: "image/svg+xml",
      }),
    },
  ];
}
