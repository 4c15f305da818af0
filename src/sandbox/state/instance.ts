import { randomBytes } from "node:crypto";
import type { Db } from "./database.ts";
import { madeOnce } from "./meta.ts";

/** A name that only this file has: sequence numbers of another file say nothing about this one. */
export const instanceOf = (db: Db): string =>
  Buffer.from(madeOnce(db, "instance", () => randomBytes(6))).toString("hex");
