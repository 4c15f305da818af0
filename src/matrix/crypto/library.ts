import type * as Library from "@matrix-org/matrix-sdk-crypto-wasm";

export type CryptoLibrary = typeof Library;

let loaded: Promise<CryptoLibrary> | undefined;

/** Loads the crypto library at the first call: a bridge whose rooms are not encrypted does without it. */
export function cryptoLibrary(): Promise<CryptoLibrary> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<CryptoLibrary> {
  const library = await import("@matrix-org/matrix-sdk-crypto-wasm");
  await library.initAsync();
  return library;
}

/** The library's own words may hold keys, so that none of them is written anywhere. */
export const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
