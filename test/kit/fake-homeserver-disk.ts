import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { FakeHomeserver } from "./fake-homeserver.ts";
import type { FakeFile } from "./fake-homeserver-media.ts";
import type { FakeEvent, FakeRoom } from "./fake-homeserver-state.ts";

/** All that a fake homeserver keeps, as JSON; what follows from the timeline is left out. */
interface Disk {
  readonly users: readonly {
    readonly id: string;
    readonly devices: readonly string[];
    readonly displayName?: string;
    readonly avatar?: string;
    readonly accountData: readonly (readonly [string, Record<string, unknown>])[];
  }[];
  readonly rooms: readonly { readonly id: string; readonly creator: string }[];
  readonly aliases: readonly (readonly [string, string])[];
  readonly timeline: readonly FakeEvent[];
  readonly txns: readonly (readonly [string, string])[];
  readonly files: readonly (readonly [string, FakeFile])[];
}

const index = "homeserver.json";
const media = "homeserver-media";

/** Writes what the homeserver has into the folder. */
export function writeDisk(fake: FakeHomeserver, folder: string): void {
  const { users, rooms, aliases, timeline } = fake.state;
  mkdirSync(join(folder, media), { recursive: true });
  const files = [...fake.media.files].map(([uri, file]) => {
    if (file.size !== undefined) cpSync(file.path, join(folder, media, basename(file.path)));
    return [uri, { ...file, path: basename(file.path) }] as const;
  });
  const disk: Disk = {
    users: [...users.values()].map(({ id, devices, displayName, avatar, accountData }) => ({
      id,
      devices: [...devices],
      ...(displayName === undefined ? {} : { displayName }),
      ...(avatar === undefined ? {} : { avatar }),
      accountData: [...accountData],
    })),
    rooms: [...rooms.values()].map(({ id, creator }) => ({ id, creator })),
    aliases: [...aliases],
    timeline,
    txns: [...fake.durableTxns],
    files,
  };
  writeFileSync(join(folder, index), JSON.stringify(disk, undefined, 1));
}

/** Gives a new homeserver what one had that wrote it into the folder. */
export function readDisk(fake: FakeHomeserver, folder: string): void {
  const disk = JSON.parse(readFileSync(join(folder, index), "utf8")) as Disk;
  for (const { id, devices, displayName, avatar, accountData } of disk.users) {
    const user = fake.state.addUser(id);
    for (const device of devices) user.devices.add(device);
    Object.assign(user, { displayName, avatar });
    for (const [type, content] of accountData) user.accountData.set(type, content);
  }
  const rooms = new Map(
    disk.rooms.map(({ id, creator }): [string, FakeRoom] => [
      id,
      { id, creator, events: [], state: new Map() },
    ]),
  );
  for (const event of disk.timeline) {
    const room = rooms.get(event.room_id);
    room?.events.push(event);
    if (event.state_key !== undefined) room?.state.set(`${event.type}\n${event.state_key}`, event);
  }
  fake.state.replace({
    users: new Map(fake.state.users),
    rooms,
    aliases: new Map(disk.aliases),
    timeline: [...disk.timeline],
    byId: new Map(disk.timeline.map((event) => [event.event_id, event])),
  });
  for (const [key, event] of disk.txns) fake.durableTxns.set(key, event);
  for (const [uri, file] of disk.files)
    fake.media.files.set(uri, { ...file, path: join(folder, media, file.path) });
}
