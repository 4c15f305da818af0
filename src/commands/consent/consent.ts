import type { NetworkId, UserId } from "../../core/model/ids.ts";
import type { Network } from "../../core/ports/network.ts";
import type { Store } from "../../core/ports/store.ts";

const SCOPE = "consent-asked";

/** The network whose notice a person was shown last and has not answered, with the version they were shown. */
export async function asked(
  store: Store,
  user: UserId,
): Promise<{ readonly network: NetworkId; readonly version: number } | undefined> {
  const [network, version] = ((await store.records.get(SCOPE, user)) ?? "").split(" ");
  return network && version ? { network: network as NetworkId, version: Number(version) } : undefined;
}

export function ask(store: Store, user: UserId, network: Network): Promise<void> {
  return store.write((tx) => tx.records.set(SCOPE, user, `${network.id} ${network.notice.version}`));
}

export function answered(store: Store, user: UserId): Promise<void> {
  return store.write((tx) => tx.records.remove(SCOPE, user));
}
