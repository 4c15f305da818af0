import { z } from "zod";
import { eventText, liveEvents } from "../../../src/sandbox/api/event-stream.ts";
import { HttpError } from "../../../src/sandbox/http/http-error.ts";
import type { HttpRequest, Route } from "../../../src/sandbox/http/http-server.ts";
import { safetyNumber } from "../phone-identity.ts";
import type { SignalMock } from "../signal-mock.ts";
import { faultRoutes } from "./fault-routes.ts";
import { fieldsOf } from "./field-json.ts";
import type { PhoneScreens } from "./phone-screens.ts";
import { described, phoneSettings, phoneState } from "./phone-state.ts";
import { perform } from "./verbs.ts";

const newPerson = z.strictObject({ name: z.string().min(1).max(50), aci: z.uuid().optional() });

/** The control API of the mock: what the sandbox's answers to phones and their page, and the mock's own faults. */
export function controlRoutes(base: string, mock: SignalMock, screens: PhoneScreens): readonly Route[] {
  const screenOf = ({ params }: HttpRequest) => {
    const screen = screens.of(params["person"] ?? "");
    if (screen !== undefined) return screen;
    throw new HttpError(404, "nobody", "The mock has nobody of this name.");
  };
  const number = ({ url }: HttpRequest, name: string): number => Number(url.searchParams.get(name) ?? 0) || 0;

  function events(request: HttpRequest) {
    const screen = screenOf(request);
    const last = request.headers["last-event-id"] ?? request.url.searchParams.get("after") ?? "0";
    let since = Number(last) || 0;
    let told = "";
    const next = (): string => {
      const settings = JSON.stringify(phoneSettings(mock, screen.person));
      const news = settings === told ? "" : `event: settings\ndata: ${settings}\n\n`;
      told = settings;
      const items = screen.items.slice(since);
      since = screen.items.length;
      return news + items.map((item) => eventText("item", item, String(item.seq))).join("");
    };
    const live = liveEvents((listener) => screen.onChange(listener), request.signal, next);
    return { status: 200, events: live };
  }

  return [
    {
      method: "GET",
      path: base,
      handle: () => ({ status: 200, body: { network: "signal", section: mock.section } }),
    },
    {
      method: "GET",
      path: `${base}/people`,
      handle: () => ({
        status: 200,
        body: { people: mock.people.map((person) => ({ ...described(person), aci: person.aci })) },
      }),
    },
    {
      method: "POST",
      path: `${base}/people`,
      async handle(request) {
        const asked = newPerson.safeParse(await request.json());
        if (!asked.success) throw new HttpError(400, "malformed", z.prettifyError(asked.error));
        const { aci, pni, number } = await mock.person(asked.data.name, asked.data.aci);
        return { status: 200, body: { person: asked.data.name, aci, pni, number } };
      },
    },
    {
      method: "POST",
      path: `${base}/people/:person/do`,
      async handle(request) {
        const screen = screenOf(request);
        return { status: 200, body: await perform({ mock, screen }, await request.json(FILE)) };
      },
    },
    {
      method: "GET",
      path: `${base}/people/:person/inbox`,
      async handle(request) {
        const since = number(request, "since");
        const items = await screenOf(request).after(since, number(request, "wait"), request.signal);
        const came = items.filter(({ own, kind }) => own !== true && kind !== "typing");
        return { status: 200, body: { items: came, next: items.at(-1)?.seq ?? since } };
      },
    },
    {
      method: "GET",
      path: `${base}/people/:person/journal`,
      handle: (request) => ({ status: 200, body: { items: screenOf(request).items } }),
    },
    {
      method: "GET",
      path: `${base}/people/:person/heard`,
      handle(request) {
        const { entries } = screenOf(request).person.journal;
        return { status: 200, body: { heard: entries.slice(number(request, "since")).map(fieldsOf) } };
      },
    },
    {
      method: "GET",
      path: `${base}/people/:person/stored`,
      async handle(request) {
        const contact = mock.byAci(request.url.searchParams.get("contact") ?? "");
        const stored = contact && (await screenOf(request).person.stored(contact));
        return { status: 200, body: { stored: fieldsOf(stored ?? null) } };
      },
    },
    {
      method: "GET",
      path: `${base}/people/:person/safety`,
      handle(request) {
        const other = mock.byAci(request.url.searchParams.get("with") ?? "");
        if (other === undefined) throw new HttpError(404, "nobody", "The mock has no such account.");
        return { status: 200, body: { number: safetyNumber(screenOf(request).person, other) } };
      },
    },
    {
      method: "GET",
      path: `${base}/people/:person/phone`,
      handle: (request) => ({ status: 200, body: phoneState(mock, screenOf(request)) }),
    },
    { method: "GET", path: `${base}/people/:person/events`, handle: events },
    {
      method: "GET",
      path: `${base}/people/:person/media/:id`,
      handle(request) {
        const file = screenOf(request).file(request.params["id"] ?? "");
        if (file === undefined) throw new HttpError(404, "no-file", "This message has no file.");
        return { status: 200, bytes: file.bytes, type: file.mimetype };
      },
    },
    {
      method: "GET",
      path: `${base}/users`,
      async handle() {
        const linked = mock.people.flatMap(({ aci, linkedDevices }) =>
          linkedDevices.map(async (device) => ({
            network: "signal",
            visible_id: aci,
            device: device.deviceId,
            connected: mock.server.isConnected(device),
            prekeys: await device.getPreKeyCount(),
            kyber_prekeys: await device.getKyberPreKeyCount(),
          })),
        );
        return { status: 200, body: { users: await Promise.all(linked) } };
      },
    },
    ...faultRoutes(base, mock),
  ];
}

/** Bytes of a body with a file in base64. */
const FILE = 140 * 1024 * 1024;
