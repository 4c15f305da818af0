import type { Config } from "../config/schema.ts";
import { networkSection } from "./meta-interop/config.ts";

/** The networks this bridge knows and what each needs in the configuration: a new network is one line here. */
export const networkSections = {
  whatsapp: networkSection,
  messenger: networkSection,
} as const;

export type BridgeConfig = Config<typeof networkSections>;
