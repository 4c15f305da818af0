import { applyItem, type Chats, inOrder } from "../../../src/sandbox/page/model/fold.ts";
import type { PersonSettings, PhoneSettings, PhoneState } from "../../../src/sandbox/page/model/phone.ts";
import type { Person } from "../person.ts";
import type { SignalMock } from "../signal-mock.ts";
import type { PhoneScreen } from "./phone-screen.ts";

const SIZE = 100 * 1024 * 1024;
const APP = 1;

export const described = ({ name, number, linkedDevices }: Person): PersonSettings => ({
  person: name,
  network: "signal",
  name,
  external_id: number,
  phone: number,
  username: null,
  optedIn: true,
  apps: [APP],
  online: true,
  inbox: "combined",
  left: false,
  picture: null,
  devices: linkedDevices.length,
});

/** What stands on a phone beside its messages. */
export function phoneSettings(mock: SignalMock, person: Person): PhoneSettings {
  const media = { size: SIZE, mimetypes: ["*/*"] };
  return {
    me: described(person),
    features: { reactions: true, edits: true, deletes: true, typing: true, receipts: true, replies: true },
    media: { image: media, voice: media, video: media, gif: media, file: media },
    ended: false,
    apps: [{ id: APP, name: "Signal", status: "active" }],
    contacts: mock.people
      .filter((other) => other !== person)
      .map(({ aci, name, linkedDevices }) => ({
        id: aci,
        name,
        app: APP,
        unreachable: null,
        blocked: false,
        connected: linkedDevices.length > 0,
      })),
    people: mock.people.map(described),
  };
}

/** A phone as its screen shows it. */
export function phoneState(mock: SignalMock, { person, items }: PhoneScreen): PhoneState {
  const chats: Chats = new Map();
  for (const item of items) applyItem(chats, item);
  return { ...phoneSettings(mock, person), chats: inOrder(chats), after: String(items.length), cut: false };
}
