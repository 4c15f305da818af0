import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { openDatabase } from "../../../src/store/database/database.ts";
import { families } from "../../../src/store/families/families.ts";

/** Tables whose rows are a login's, a room's or a person's, by their columns. */
const PERSONAL = new Set(["login", "link_login", "target_login", "picture_login", "room", "user", "body"]);
/** A ghost is a contact's account; it goes with the last login that knows them. */
const OF_NOBODY = new Set(["ghost"]);

test("every table that tells of a person is emptied with their login, or with their data", () => {
  using database = openDatabase({ path: ":memory:" }, families);
  const tables = database.db
    .prepare<[], { readonly name: string; readonly column: string }>(
      `SELECT it.name, col.name AS column FROM sqlite_schema AS it, pragma_table_info(it.name) AS col
        WHERE it.type = 'table'`,
    )
    .all()
    .filter(({ column }) => PERSONAL.has(column))
    .map(({ name }) => name);
  const sources = [
    "tables/person-data",
    "tables/logins",
    "families/signal-protocol/signal-keys",
    "families/signal/signal-tables",
  ]
    .map((file) => readFileSync(`src/store/${file}.ts`, "utf8"))
    .join("\n");
  const handled = new Set(sources.match(/\b[a-z]+(?:_[a-z]+)*\b/g));
  expect(tables.length).toBeGreaterThan(25);
  expect([...new Set(tables)].filter((name) => !handled.has(name) && !OF_NOBODY.has(name))).toEqual([]);
});
