import type { RoomId } from "../../src/core/model/ids.ts";
import { aciOf, signalRecords } from "../../src/signal-protocol/signal-records.ts";
import { openStore } from "../../src/store/open.ts";
import { fromMatrix, fromNetwork, LOGIN, START, toMatrix } from "../contract/store-fixtures.ts";

/** Writes as fast as it can and tells on stdout what is on the disk, until it is killed. */
const [path = "", firstText = "0"] = process.argv.slice(2);
const log = { error() {}, warn() {}, info() {}, debug() {} };
const store = openStore({ path, log });

async function lane(start: number): Promise<never> {
  for (let n = start; ; n += 4) {
    const name = `${n}`;
    await store.write((tx) => {
      tx.records.set("crash", name, name);
      tx.matrixInbox.take(fromMatrix(name), "push", false);
      tx.networkInbox.take(LOGIN, fromNetwork(name), START);
      tx.family(signalRecords).setSession(aciOf(LOGIN), { name: name, device: 1 }, Uint8Array.of(1));
      tx.matrixOutbox.add(toMatrix(name, { room: name as RoomId }));
    });
    process.stdout.write(`${name}\n`);
  }
}

const first = Number(firstText);
await Promise.all([lane(first), lane(first + 1), lane(first + 2), lane(first + 3)]);
