import { createHash } from "node:crypto";
import type { SignalPhone } from "../signal-mock/client.ts";
import { linkAccount } from "../signal-mock/link-account.ts";
import type { World } from "../world/world.ts";
import { logIn } from "./prepare.ts";
import type { Screen } from "./screen.ts";
import type { DemoState, DemoUser } from "./state.ts";

/** Somebody with Signal, to be written to. */
export const signalContact = "Sanne Visser";

/**
 * Makes the Signal accounts of the demo and links the bridge to those of its people, by playing their phones. The mock
 * forgets at its end, so this is done at each start; the accounts are the same each time, and so are the rooms.
 */
export async function prepareSignal(world: World, state: DemoState, screen: Screen): Promise<SignalPhone> {
  const { signalControl, settings } = world;
  const phone = (name: string) => signalControl.person(name, accountOf(state, name));
  const contact = await phone(signalContact);
  await contact.does("takesUsername", { username: "sanne.01" });
  for (const user of state.users.filter(({ optedIn }) => optedIn)) {
    screen.step(`${user.displayName} links the bridge to Signal with a phone that is played`);
    const own = await phone(user.displayName);
    await own.does("accepts", { to: signalContact });
    await using client = await logIn(world, user);
    const provisioning = `http://127.0.0.1:${settings.ports.provisioning}`;
    await linkAccount({ provisioning, userId: client.userId, token: client.token }, own);
  }
  return contact;
}

/** The Signal account of one of the demo's people, the same at each start. */
export function accountOf({ settings }: DemoState, name: DemoUser["displayName"]): string {
  const hex = createHash("sha256").update(`${settings.macaroonSecret} ${name}`).digest("hex");
  const [a, b, c, d] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 15), hex.slice(15, 18)];
  return `${a}-${b}-4${c}-8${d}-${hex.slice(18, 30)}`;
}
