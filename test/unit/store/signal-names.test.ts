import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import type { PersonId } from "../../../src/core/model/ids.ts";
import { noLog } from "../../../src/core/ports/log.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import { openDatabase } from "../../../src/store/database/database.ts";
import { sql } from "../../../src/store/families/signal/recipients.ts";
import { signalFamilyTables } from "../../../src/store/families/signal/signal-tables.ts";
import { storeOver } from "../../../src/store/open.ts";
import { LOGIN } from "../../contract/store-fixtures.ts";
import { temporaryFolder } from "../../kit/temporary-folder.ts";

const COUNT = 10_000;

test("among ten thousand contacts of an earlier version each is found by an index, in any case of letters", async () => {
  using folder = temporaryFolder();
  const former = join(folder.path, "former");
  mkdirSync(former);
  for (const step of ["0001-timers.sql", "0002-recipients.sql"])
    copyFileSync(new URL(step, signalFamilyTables.migrations), join(former, step));
  const path = join(folder.path, "bridge.db");
  {
    const migrations = pathToFileURL(`${former}/`);
    using before = openDatabase({ path }, [{ key: signalFamilyTables.key, migrations }]);
    const add = before.db.prepare(
      "INSERT INTO signal_recipient (login, person, profile_name, profile_at, contact_name, number, storage_id) VALUES (?, ?, ?, 1, ?, ?, x'01')",
    );
    before.db.transaction(() => {
      for (let number = 0; number < COUNT; number += 1)
        add.run(LOGIN, `person-${number}`, `Émile ${number}`, `Cousin ${number}`, `+31${number}`);
    })();
  }
  const database = openDatabase({ path }, [signalFamilyTables]);
  await using store = storeOver(database, { log: noLog, families: [signalFamilyTables] });
  const signal = store.family(signalFamily);
  const person = "person-9876" as PersonId;
  expect((await signal.named(LOGIN, "éMILE 9876")).map((one) => one.person)).toEqual([person]);
  expect((await signal.named(LOGIN, "cousin 9876")).map((one) => one.person)).toEqual([person]);
  expect((await signal.byNumber(LOGIN, "+319876"))?.person).toBe(person);
  const plan = (query: string) => {
    const values = Array.from(query.matchAll(/\?/g), () => LOGIN);
    return JSON.stringify(database.db.prepare(`EXPLAIN QUERY PLAN ${query}`).all(...values));
  };
  const byName = plan(sql.named);
  for (const column of ["nickname", "contact", "profile", "username"])
    expect(byName).toContain(`INDEX signal_recipient_${column} `);
  expect(byName).not.toContain("(login=?)");
  expect(plan(sql.byNumber)).toContain("INDEX signal_recipient_number ");
});
