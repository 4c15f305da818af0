import type { FakeHomeserver } from "./fake-homeserver.ts";
import type { FakeState } from "./fake-homeserver-state.ts";

/** All that a fake homeserver has on its disk. */
export interface FakeCopy {
  readonly state: FakeState["contents"];
  readonly txns: ReadonlyMap<string, string>;
}

export function copyOf({ state, durableTxns }: FakeHomeserver): FakeCopy {
  return structuredClone({ state: state.contents, txns: durableTxns });
}

/** The homeserver has what it had when the copy was made, and nothing of what came after. */
export function putBack(fake: FakeHomeserver, copy: FakeCopy): void {
  const { state, txns } = structuredClone(copy);
  fake.state.replace(state);
  fake.memoryTxns.clear();
  fake.durableTxns.clear();
  for (const [key, event] of txns) fake.durableTxns.set(key, event);
  fake.pusher?.restart({ ids: true });
}
