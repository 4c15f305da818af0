import type { FamilyTables } from "./family-tables.ts";
import { hostedFileTables } from "./meta-interop/hosted-files.ts";
import { signalTables } from "./signal-protocol/signal-keys.ts";

/** Whose tables this bridge knows, whatever is configured; a new family's are a line here. */
export const families: readonly FamilyTables[] = [signalTables, hostedFileTables];
