import type { FakeHomeserver } from "./fake-homeserver.ts";
import type { FakeState } from "./fake-homeserver-state.ts";

/** A copy of everything that a fake homeserver has on its disk. */
export interface FakeCopy {
  readonly state: FakeState["contents"];
  readonly txns: ReadonlyMap<string, string>;
}

export function copyOf({ state, durableTxns }: FakeHomeserver): FakeCopy {
  return structuredClone({ state: state.contents, txns: durableTxns });
}

/** Restores the homeserver from a copy. */
export function putBack(fake: FakeHomeserver, copy: FakeCopy): void {
  const { state, txns } = structuredClone(copy);
  fake.state.replace(state);
  fake.memoryTxns.clear();
  fake.durableTxns.clear();
  for (const [key, event] of txns) fake.durableTxns.set(key, event);
  fake.pusher?.restart({ ids: true });
}
