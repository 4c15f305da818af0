import { join } from "node:path";
import { describe } from "@jest/globals";
import { noMetrics } from "../../src/core/ports/metrics.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { countingStore } from "../../src/core/runtime/counting-store.ts";
import { laneWakingStore } from "../../src/core/runtime/lane-waking-store.ts";
import { connect, type DatabaseFile, type DatabaseKey } from "../../src/store/database/connection.ts";
import { openStore } from "../../src/store/open.ts";
import { newDatabase } from "../kit/new-database.ts";
import { postedStore } from "../kit/posted-store.ts";
import { placeWithoutDisk, temporaryFolder } from "../kit/temporary-folder.ts";
import { answers } from "./store-answers.ts";
import { contents } from "./store-contents.ts";
import { deliveries } from "./store-deliveries.ts";
import { expiries } from "./store-expiries.ts";
import { type OpenStoreUnderTest, START } from "./store-fixtures.ts";
import { formerIds } from "./store-former-ids.ts";
import { formerRooms } from "./store-former-rooms.ts";
import { groups } from "./store-groups.ts";
import { guards } from "./store-guards.ts";
import { homeserverQueues } from "./store-homeserver-queues.ts";
import { hostedFileRecords } from "./store-hosted-files.ts";
import { housekeeping } from "./store-housekeeping.ts";
import { messageNames } from "./store-learnt-ids.ts";
import { logins } from "./store-logins.ts";
import { mappings } from "./store-mappings.ts";
import { media } from "./store-media.ts";
import { messageStatuses } from "./store-message-statuses.ts";
import { networkQueues } from "./store-network-queues.ts";
import { ownMessages } from "./store-own-messages.ts";
import { parking } from "./store-parking.ts";
import { pictures } from "./store-pictures.ts";
import { removal } from "./store-removal.ts";
import { revisions } from "./store-revisions.ts";
import { sharedGroups } from "./store-shared-groups.ts";
import { signalKeys } from "./store-signal.ts";
import { signalFamilyRecords } from "./store-signal-family.ts";
import { signalGroupRecords } from "./store-signal-groups.ts";
import { told } from "./store-told.ts";
import { writing } from "./store-writing.ts";

/** Every row of every table, each as JSON. */
function rowsOf(file: DatabaseFile): readonly string[] {
  const db = connect(file, { readonly: true });
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  const rows = tables.flatMap((name) => db.prepare(`SELECT * FROM ${String(name)}`).all());
  db.close();
  return rows.map((row) => JSON.stringify(row));
}

/** SQLite, with something around it. */
const over =
  (around: (store: Store) => Store, key?: DatabaseKey): OpenStoreUnderTest =>
  async () => {
    const folder = temporaryFolder(placeWithoutDisk());
    const time = { at: START };
    const path = join(folder.path, "bridge.db");
    const errors: string[] = [];
    const log = { error: (words: string) => void errors.push(words), warn() {}, info() {}, debug() {} };
    const open = () => around(openStore({ path, key, clock: { now: () => time.at }, log }));
    await newDatabase({ path, key });
    let store = open();
    return {
      get store() {
        return store;
      },
      clock: time,
      errors,
      holds: (words) => rowsOf({ path, key }).some((row) => row.includes(words)),
      async reopen() {
        await store[Symbol.asyncDispose]();
        store = open();
        return store;
      },
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        folder[Symbol.dispose]();
      },
    };
  };

const quiet = {
  matrixInbox() {},
  matrixOutbox() {},
  networkInbox() {},
  networkOutbox() {},
  groupRooms() {},
  pictures() {},
  expiries() {},
};
const watched = (store: Store): Store => laneWakingStore(countingStore(store, noMetrics), quiet);

describe("the store over SQLite, where its lanes are woken and its letters counted", () => {
  writing(over(watched));
  guards(over(watched));
});

describe.each([
  ["SQLite", over((store) => store)],
  ["SQLite, encrypted", over((store) => store, { hex: "5a".repeat(32), file: "bridge.key" })],
  ["SQLite, to which each record is sent as a list", over((store) => postedStore(store))],
] as const)("the store over %s", (_, open) => {
  writing(open);
  guards(open);
  answers(open);
  logins(open);
  groups(open);
  sharedGroups(open);
  mappings(open);
  pictures(open);
  formerRooms(open);
  formerIds(open);
  contents(open);
  media(open);
  parking(open);
  deliveries(open);
  homeserverQueues(open);
  networkQueues(open);
  signalKeys(open);
  hostedFileRecords(open);
  signalFamilyRecords(open);
  signalGroupRecords(open);
  removal(open);
  messageNames(open);
  ownMessages(open);
  told(open);
  messageStatuses(open);
  revisions(open);
  expiries(open);
  housekeeping(open);
});
