import { expect, test } from "@jest/globals";
import type { MatrixEvent } from "../../../src/core/model/events.ts";
import type { EventId, RoomId, UserId } from "../../../src/core/model/ids.ts";
import { encryptionSink } from "../../../src/matrix/crypto/encryption-sink.ts";

const ROOM = "!room:test" as RoomId;
const ANA = "@ana:test" as UserId;
const GHOST = "@ghost:test" as UserId;
let count = 0;
const by = <Rest extends object>(rest: Rest, sender = ANA): MatrixEvent =>
  ({ room: ROOM, sender, at: 1, id: `$${++count}` as EventId, ...rest }) as unknown as MatrixEvent;
const message = (sender = ANA) => by({ kind: "message", message: { parts: [] } }, sender);

async function taken(isRequired: boolean, encrypted: boolean, ...events: readonly MatrixEvent[]) {
  let isMarked = encrypted;
  const got: MatrixEvent[] = [];
  const rooms = {
    has: async () => isMarked,
    mark: async () => {
      isMarked = true;
    },
    peopleChanged() {},
    missed() {},
  };
  const inner = {
    take: async (some: readonly MatrixEvent[]) => void got.push(...some),
    gapOpened() {},
    gapClosed: async () => {},
    rolledBack: async () => {},
    missed: async () => {},
    keysCame() {},
    tellAdministrators: async () => {},
  };
  const rolledBack = async () => {};
  const sink = encryptionSink(inner, { rooms, isRequired, rolledBack, isOurs: (user) => user === GHOST });
  await sink.take(events, "push");
  return got;
}
const kinds = (events: readonly MatrixEvent[]) => events.map(({ kind }) => kind);

test("that a room is encrypted is heard once", async () => {
  const enabled = by({ kind: "encryption-enabled" });
  expect(kinds(await taken(false, false, message(), enabled, message()))).toEqual([
    "message",
    "encryption-enabled",
    "message",
  ]);
  expect(kinds(await taken(false, true, enabled, message()))).toEqual(["message"]);
});

test("where encryption is required only what was written before the room was encrypted is taken in the clear", async () => {
  const before = message();
  const got = await taken(true, false, before, by({ kind: "encryption-enabled" }), message());
  expect(got[0]).toBe(before);
  expect(got[2]).toMatchObject({ kind: "encrypted", clear: true, room: ROOM, sender: ANA });
  expect(got[2]).not.toHaveProperty("message");
});

test("reactions, deletions, what no client shows, and what the bridge's own users say are never refused for being clear", async () => {
  const events = [
    by({ kind: "reaction", target: "$1", emoji: "x" }),
    by({ kind: "redaction", target: "$1" }),
    by({ kind: "unsupported", what: "a call", unseen: true }),
    by({ kind: "member", user: ANA, membership: "join", direct: false }),
    message(GHOST),
  ];
  expect(await taken(true, true, ...events)).toEqual(events);
  expect(kinds(await taken(true, true, by({ kind: "unsupported", what: "a poll" })))).toEqual(["encrypted"]);
});
