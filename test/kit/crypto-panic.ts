import type { UserId } from "../../src/core/model/ids.ts";
import { outliveFaults } from "../../src/program/faults.ts";
import { ANA, Bridge, event, inRoom, ROOM } from "./crypto-bridge.ts";
import { CryptoFriend } from "./crypto-friend.ts";

/** More than as many other faults within a minute end the bridge. */
const GHOSTS = 21;

/** Has the crypto library panic, and prints what became of it as JSON. */
export interface Survived {
  readonly failures: readonly string[];
  readonly meanwhile: string;
  readonly after: readonly string[];
}

outliveFaults({ error() {}, warn() {}, info() {}, debug() {} });
// The library prints its panics itself.
console.error = () => undefined;
await using bridge = await new Bridge().start();
const ana = await CryptoFriend.start(bridge.server, ANA);
const ghosts = Array.from({ length: GHOSTS }, (_, index) => `@ghost${index}:test` as UserId);
const hears = async (ghost: UserId): Promise<string> => {
  const sealed = await bridge.sealed.seal(event(`by ${ghost}`, ghost), [ANA]);
  await ana.sync();
  return ana.reads(inRoom(sealed), ROOM);
};
const panics = ghosts.map((ghost) =>
  bridge.machines.use(ghost, ({ olm, library }) =>
    // Its key was given to nobody.
    olm.encryptRoomEvent(new library.RoomId(ROOM), "m.room.message", "{}"),
  ),
);
const meanwhile = await hears("@other:test" as UserId);
const failures = await Promise.all(panics.map((one) => one.then(String, ({ name }: Error) => name)));
const after: string[] = [];
for (const ghost of ghosts) after.push(await hears(ghost));
const survived: Survived = { failures, meanwhile, after };
console.log(JSON.stringify(survived));
