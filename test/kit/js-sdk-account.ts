import {
  ClientEvent,
  createClient,
  EventStatus,
  EventType,
  type MatrixEvent,
  RelationType,
  type Room,
  SyncState,
} from "matrix-js-sdk";
import type { ShownAccount, ShownEvent, ShownRoom } from "./other-client.ts";

// Runs in a process of its own, as the SDK's timers outlive a stopped client by minutes.
// Arguments: homeserver, user, password. Prints a line with the access token, then a line with all that the
// account shows after each sync.
const [baseUrl = "", user = "", password = ""] = process.argv.slice(2);
for (const name of ["trace", "debug", "info", "warn", "log"] as const) console[name] = () => undefined;

const login = await createClient({ baseUrl }).loginRequest({
  type: "m.login.password",
  identifier: { type: "m.id.user" as const, user },
  password,
});
const client = createClient({
  baseUrl,
  userId: login.user_id,
  accessToken: login.access_token,
  deviceId: login.device_id,
});
const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
print({ token: login.access_token });

function reactionsTo(room: Room, id: string): Readonly<Record<string, readonly string[]>> {
  const found = room.relations.getChildEventsForEvent(id, RelationType.Annotation, "m.reaction");
  const sorted = found?.getSortedAnnotationsByKey() ?? [];
  return Object.fromEntries(
    sorted
      .filter(([, events]) => events.size > 0)
      .map(([key, events]) => [key, Array.from(events, (event) => event.getSender() ?? "")]),
  );
}

function shownEvent(room: Room, event: MatrixEvent): ShownEvent {
  const id = event.getId() ?? "";
  return {
    id,
    type: event.getType(),
    sender: event.getSender() ?? "",
    content: event.getContent(),
    edited: event.replacingEvent() !== null,
    redacted: event.isRedacted(),
    replyTo: event.replyEventId ?? null,
    reactions: reactionsTo(room, id),
  };
}

function shownRoom(room: Room): ShownRoom {
  const state = room.currentState;
  const members = room.getMembers();
  // Edits are shown in place of the events they edit, and not by themselves.
  const events = room
    .getLiveTimeline()
    .getEvents()
    .filter((event) => event.status === null || event.status === EventStatus.SENT)
    .filter((event) => !event.isRelation(RelationType.Replace));
  return {
    id: room.roomId,
    name: room.name,
    space: room.isSpaceRoom(),
    membership: room.getMyMembership(),
    topic: String(state.getStateEvents("m.room.topic", "")?.getContent()["topic"] ?? ""),
    maySpeak: room.maySendMessage(),
    children: state
      .getStateEvents("m.space.child")
      .filter((event) => Array.isArray(event.getContent()["via"]))
      .map((event) => event.getStateKey() ?? ""),
    members: Object.fromEntries(members.map((each) => [each.userId, each.membership ?? ""])),
    typing: members.filter((each) => each.typing).map((each) => each.userId),
    readUpTo: Object.fromEntries(
      members.map((each) => [each.userId, room.getEventReadUpTo(each.userId, true) ?? ""]),
    ),
    tags: Object.keys(room.tags),
    events: events.map((event) => shownEvent(room, event)),
  };
}

function shown(): ShownAccount {
  const direct = client.getAccountData(EventType.Direct)?.getContent() ?? {};
  return {
    rooms: client.getRooms().map(shownRoom),
    direct,
  };
}

client.on(ClientEvent.Sync, (state) => {
  if (state === SyncState.Prepared || state === SyncState.Syncing) print(shown());
});
await client.startClient({ initialSyncLimit: 2000 });
