import type { NetworkId } from "../../src/core/model/ids.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { Residences } from "../../src/networks/meta-interop/login/residences.ts";

/** Where the people of a network live, in the store that it is given later. */
export function keptResidences(
  network: { readonly id: NetworkId; readonly store: Store | undefined },
  clock: Pick<Clock, "now">,
): Residences {
  return new Residences({
    get store() {
      if (!network.store) throw new Error("nobody gave the network a store");
      return network.store;
    },
    clock,
    networks: [network.id],
  });
}
