import { MatrixClient } from "../matrix/client.ts";
import { Phone } from "../sandbox/control.ts";
import { type NetworkName, networkNames } from "../world/networks.ts";
import { integrator } from "../world/sandbox-yaml.ts";
import type { World } from "../world/world.ts";
import { openManagementRoom, optIn, untilConnected } from "./opt-in.ts";
import type { Screen } from "./screen.ts";
import { cast, type DemoState, type DemoUser } from "./state.ts";

/** Registers the demo's users and enables their networks by talking to the bot; where that is done, waits until they are online. */
export async function preparePeople(world: World, state: DemoState, screen: Screen): Promise<void> {
  for (const user of state.users) {
    const visibleId = await world.register(user.localpart, user.password, user.displayName);
    if (!user.optedIn) continue;
    const enlisted = (await world.control.users()).filter(({ visible_id }) => visible_id === visibleId);
    const missing = networkNames.filter((name) => !enlisted.some(({ network }) => network === name));
    if (missing.length > 0) await turnOn(world, user, missing, screen);
    for (const network of networkNames) await untilConnected(world.control, network, visibleId);
  }
}

async function turnOn(
  world: World,
  user: DemoUser,
  networks: readonly NetworkName[],
  screen: Screen,
): Promise<void> {
  await using client = await logIn(world, user);
  const room = await openManagementRoom(client, world.botId);
  for (const network of networks) {
    screen.step(`${user.displayName} turns on ${network} in a chat with the bot`);
    await optIn(client, world.control, world.botId, room, network);
  }
}

export function logIn(
  world: World,
  { localpart, password }: DemoUser,
  options?: { readonly acceptsInvites: boolean },
): Promise<MatrixClient> {
  return MatrixClient.login({ homeserver: world.homeserver, user: localpart, password }, options);
}

export interface Prepared {
  readonly state: DemoState;
  readonly phones: Readonly<Record<NetworkName, Phone>>;
}

/** The scripted contacts, made at the first start and stored. */
export async function prepareContacts(world: World, state: DemoState): Promise<Prepared> {
  const phone = async (network: NetworkName): Promise<Phone> => {
    const stored = state.contacts[network];
    if (stored !== undefined) return new Phone(world.control, stored.person, stored.externalId, stored.jid);
    const { picture, ...contact } = cast[network];
    const added = await world.control.addContact({ ...contact, optedIn: true, apps: [integrator] });
    await added.does("setsPicture", { drawn: picture });
    return added;
  };
  const phones = { whatsapp: await phone("whatsapp"), messenger: await phone("messenger") };
  const contacts = Object.fromEntries(
    networkNames.map((name) => {
      const { person, externalId, jid } = phones[name];
      return [name, { person, externalId, jid }];
    }),
  );
  return { state: { ...state, contacts }, phones };
}
