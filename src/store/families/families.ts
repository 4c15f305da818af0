import type { FamilyTables } from "./family-tables.ts";
import { interopGroupTables } from "./interop-groups/groups.ts";
import { matrixCryptoTables } from "./matrix-crypto/matrix-crypto.ts";
import { hostedFileTables } from "./meta-interop/hosted-files.ts";
import { signalFamilyTables } from "./signal/signal-tables.ts";
import { signalTables } from "./signal-protocol/signal-keys.ts";

/** The families whose tables the store serves, whatever is configured. A new family's are added here. */
export const families: readonly FamilyTables[] = [
  signalTables,
  hostedFileTables,
  interopGroupTables,
  matrixCryptoTables,
  signalFamilyTables,
];
