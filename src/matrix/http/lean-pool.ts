import { createRequire } from "node:module";
import type { Pool } from "undici";

/** undici's pool by itself: loading the whole package takes a tenth of the bridge's start time. */
export const LeanPool = createRequire(import.meta.url)("undici/lib/dispatcher/pool.js") as typeof Pool;
