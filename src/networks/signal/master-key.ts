import { AccountEntropyPool } from "@signalapp/libsignal-client/dist/AccountKeys.js";

const BYTES = 32;

interface GivenKeys {
  readonly masterKey?: Uint8Array;
  readonly accountEntropyPool?: string;
}

/** The key of what an account keeps at the server; newer phones give what it is derived from. */
export function masterKeyIn({
  masterKey,
  accountEntropyPool: pool,
}: GivenKeys): Uint8Array<ArrayBuffer> | undefined {
  if (pool !== undefined && AccountEntropyPool.isValid(pool)) return AccountEntropyPool.deriveSvrKey(pool);
  return masterKey?.length === BYTES ? Uint8Array.from(masterKey) : undefined;
}
