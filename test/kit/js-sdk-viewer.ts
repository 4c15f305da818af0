import { ClientEvent, createClient, type MatrixEvent, SyncState } from "matrix-js-sdk";

// Runs in a process of its own, as the SDK's timers outlive a stopped client by minutes.
// Arguments: homeserver, user, password, room. Prints the texts the room's timeline shows, as JSON.
const [baseUrl = "", user = "", password = "", roomId = ""] = process.argv.slice(2);
for (const name of ["trace", "debug", "info", "warn", "log"] as const) console[name] = () => undefined;

const identifier = { type: "m.id.user" as const, user };
const login = await createClient({ baseUrl }).loginRequest({
  type: "m.login.password",
  identifier,
  password,
});
const client = createClient({
  baseUrl,
  userId: login.user_id,
  accessToken: login.access_token,
  deviceId: login.device_id,
});
const prepared = Promise.withResolvers<void>();
client.on(ClientEvent.Sync, (state) => {
  if (state === SyncState.Prepared) prepared.resolve();
});
await client.startClient({ initialSyncLimit: 2000 });
await prepared.promise;

const shown = (event: MatrixEvent): boolean => event.getType() === "m.room.message" && !event.isRedacted();
const events = client.getRoom(roomId)?.getLiveTimeline().getEvents().filter(shown) ?? [];
const texts = events.map((event) => ({
  sender: event.getSender(),
  body: String(event.getContent()["body"]),
}));
process.stdout.write(JSON.stringify(texts), () => process.exit(0));
