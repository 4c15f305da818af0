import type { PortalKey } from "../../model/events.ts";
import type { LoginId, NetworkId } from "../../model/ids.ts";
import type { Network } from "../../ports/network.ts";
import type { Store } from "../../ports/store.ts";
import type { Step } from "../../runtime/lanes.ts";
import { SerialByKey } from "../../runtime/serial-by-key.ts";

interface OneAtATimeParts {
  readonly store: {
    readonly logins: Pick<Store["logins"], "get">;
    readonly portals: Pick<Store["portals"], "byChat">;
  };
  readonly networks: ReadonlyMap<string, Network>;
  readonly networkOf: (login: LoginId) => NetworkId | undefined;
}

/** Runs the steps of one group's lanes one after the other: copies of an event come to several logins at once. */
export function oneAtATime(
  { store, networks, networkOf }: OneAtATimeParts,
  step: (key: PortalKey) => Promise<Step>,
): (key: PortalKey) => Promise<Step> {
  if (!Array.from(networks.values()).some(({ groups }) => groups === true)) return step;
  const serial = new SerialByKey();
  return async (key) => {
    const id = networkOf(key.login) ?? (await store.logins.get(key.login))?.network ?? "";
    if (networks.get(id)?.groups !== true) return step(key);
    if ((await store.portals.byChat(key))?.kind === "direct") return step(key);
    return serial.run(`${id} ${key.chat}`, () => step(key));
  };
}
