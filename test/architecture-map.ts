const wire = "networks/meta-interop/wire";
/** What every part of the family may know of it. */
const family = ["ids", "profile", "config", "record-scopes", "hosted-files", "group-records"].map(
  (file) => `networks/meta-interop/${file}.ts`,
);
const signal = (...rooms: readonly string[]) => rooms.map((room) => `networks/signal/${room}`);
/** What the families of networks share. */
const shared = ["networks/family.ts", "networks/loading-client.ts"];
const outside = ["core/model", "core/ports", "core/runtime"];
const inside = [...outside, "core/chats"];
const both = [...inside, "core/delivery", "core/expiries", "core/management"];
const sandboxOwn = ["sandbox/config.ts", "sandbox/logger.ts"];

/** What a section of the configuration is written with. */
const configurable = ["field", "listen", "url", "problems"].map((file) => `config/${file}.ts`);

/**
 * Who may import whom inside src/: each folder its own files, what is in it, and the folders and files named. Reading
 * this table from the top is reading the architecture.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  "core/model": [],
  "core/ports": ["core/model"],
  "core/runtime": ["core/model", "core/ports"],
  "core/chats": outside,
  "core/chats/groups": inside,
  "core/chats/bridged": inside,
  "core/chats/encryption": inside,
  "core/delivery": outside,
  "core/expiries": outside,
  "core/logins": [...inside, "core/expiries"],
  "core/management": inside,
  "core/people": [
    ...inside,
    "core/delivery",
    "core/to-network/read-marks.ts",
    "core/to-network/retries.ts",
    "core/to-network/event-row.ts",
    "core/to-network/message-ids.ts",
  ],
  "core/to-matrix/own": [...both, "core/to-matrix/event-context.ts"],
  "core/to-matrix/groups": [...both, "core/to-matrix/event-context.ts"],
  "core/to-matrix/shared": [...inside, "core/to-matrix/message-history.ts", "core/to-matrix/without-room.ts"],
  "core/to-matrix": both,
  "core/to-network/groups": [...both, "core/to-network/event-context.ts", "core/to-network/message-ids.ts"],
  "core/to-network": both,
  core: [],
  translate: ["core/model"],
  "media/containers": [],
  media: outside,
  http: outside,
  // The routes carry out people's wishes with what the commands use.
  "http/provisioning/caller": ["core/model", "core/ports", "http/provisioning"],
  "http/provisioning": ["core", "http", "page/served-page.ts"],
  config: ["core/model", "core/ports"],
  commands: ["core"],
  "store/database": ["core/model", "core/ports"],
  "store/tables": ["core/model", "core/ports", "store/database"],
  "store/families/signal-protocol": [
    "core/model",
    "store/database",
    "store/families/family-tables.ts",
    "signal-protocol/signal-records.ts",
  ],
  "store/families/matrix-crypto": [
    "core/model",
    "store/database",
    "store/families/family-tables.ts",
    "matrix/crypto/crypto-records.ts",
    "matrix/crypto/indexed-db/keys.ts",
  ],
  "store/families/signal": [
    "core/model",
    "store/database",
    "store/families/family-tables.ts",
    "networks/signal/records.ts",
    "networks/signal/group-records.ts",
    "networks/signal/sender-key-records.ts",
  ],
  "store/families/meta-interop": [
    "core/model",
    "store/database",
    "store/families/family-tables.ts",
    "networks/meta-interop/hosted-files.ts",
  ],
  "store/families/interop-groups": [
    "core/model",
    "store/database",
    "store/families/family-tables.ts",
    "networks/meta-interop/group-records.ts",
  ],
  "store/families": ["core/model", "core/ports", "store/database"],
  store: ["core/model", "core/ports"],
  "matrix/http": ["core/model", "core/ports"],
  "matrix/registration": ["core/model", "matrix/http"],
  "matrix/events": ["core/model", "core/ports", "translate", "matrix/http"],
  "matrix/identity": ["core/model", "core/ports", "matrix/http"],
  "matrix/homeserver": [...outside, "matrix/http", "matrix/events", "matrix/registration", "matrix/crypto"],
  "matrix/crypto/indexed-db": ["core/model", "matrix/crypto/crypto-records.ts"],
  "matrix/crypto/renewal": [
    "core/model",
    "core/ports",
    "matrix/http",
    ...["crypto-records", "machines", "message-index"].map((file) => `matrix/crypto/${file}.ts`),
  ],
  "matrix/crypto/verification": [
    "core/model",
    "matrix/http",
    ...["content-of", "encrypted-rooms", "machine", "machines", "share-room-key"].map(
      (file) => `matrix/crypto/${file}.ts`,
    ),
  ],
  "matrix/crypto": ["core/model", "core/ports", "core/runtime", "matrix/http", "matrix/events"],
  "matrix/inbound": ["core/model", "core/ports", "http", "matrix/http", "matrix/events", "matrix/crypto"],
  "matrix/health": [
    "core/model",
    "core/ports",
    "matrix/http",
    "matrix/registration",
    "matrix/homeserver",
    "matrix/inbound",
  ],
  "matrix/discovery": ["core/model", "matrix/http", "matrix/health"],
  "signal-protocol": ["core/model", "core/ports"],
  [`${wire}/noise`]: [wire],
  [wire]: [],
  "networks/meta-interop/account": [...outside, wire, "signal-protocol", ...family],
  "networks/meta-interop/login": ["core/model", "core/ports", "networks/meta-interop/account", ...family],
  "networks/meta-interop/connection": [...outside, wire, "networks/meta-interop/account", ...family],
  "networks/meta-interop/convert": ["core/model", "translate", wire, ...family],
  "networks/meta-interop/media": [
    ...outside,
    wire,
    "networks/download.ts",
    "networks/meta-interop/convert",
    ...family,
  ],
  "networks/meta-interop/session": [
    ...outside,
    wire,
    "signal-protocol",
    "networks/undecryptable-list.ts",
    ...family,
    ...["connection", "convert", "media"].map((room) => `networks/meta-interop/${room}`),
  ],
  "networks/meta-interop/groups": [
    ...outside,
    wire,
    "signal-protocol",
    ...family,
    ...["connection", "convert", "media", "session"].map((room) => `networks/meta-interop/${room}`),
  ],
  "networks/meta-interop": [...outside, wire, "signal-protocol", ...shared, ...configurable],
  "networks/signal/wire": [],
  "networks/signal/convert": ["core/model", "translate", ...signal("wire", "ids.ts", "media/media-ref.ts")],
  // The service's calls, one file each; what stands above them knows who connects.
  "networks/signal/service": [...outside, "signal-protocol", ...signal("account.ts", "servers.ts")],
  "networks/signal/connection": [
    ...outside,
    "signal-protocol",
    ...signal("service", "account.ts", "servers.ts", "record-scopes.ts"),
  ],
  "networks/signal/link": [
    ...outside,
    "signal-protocol",
    ...signal("wire", "service", "connection", "account.ts", "master-key.ts", "record-scopes.ts"),
    ...signal("records.ts", "session/configuration.ts"),
  ],
  "networks/signal/media": [
    ...outside,
    ...signal("wire", "records.ts", "servers.ts"),
    "networks/download.ts",
  ],
  "networks/signal/storage": [
    "core/model",
    ...signal("ids.ts", "records.ts", "service/storage-service.ts", "wire"),
  ],
  "networks/signal/contacts": [
    ...outside,
    ...signal("ids.ts", "login-context.ts", "record-scopes.ts", "records.ts", "shown-name.ts"),
    ...signal("media/media-ref.ts", "service", "storage", "wire"),
  ],
  // What the server and the members tell of groups, and what becomes of it.
  "networks/signal/groups": [
    ...outside,
    ...signal("wire", "service", "account.ts", "group-records.ts", "ids.ts", "login-context.ts"),
    ...signal("is-blocked.ts", "media/media-ref.ts", "record-scopes.ts", "records.ts", "shown-name.ts"),
    ...signal("storage"),
  ],
  "networks/signal/session": [
    ...outside,
    "signal-protocol",
    "networks/undecryptable-list.ts",
    ...signal("wire", "convert", "service", "account.ts", "ids.ts"),
    ...signal("login-context.ts", "master-key.ts", "media/media-ref.ts", "record-scopes.ts"),
    ...signal("groups", "group-records.ts", "is-blocked.ts", "records.ts"),
    ...signal("sender-key-records.ts", "shown-name.ts"),
  ],
  "networks/signal": [...outside, "signal-protocol", ...shared, ...configurable],
  "networks/family.ts": ["core/model", "core/ports", "config"],
  "networks/loading-client.ts": ["core/model", "core/ports"],
  "networks/undecryptable-list.ts": ["core/ports"],
  // What the hosts of files of several families have in common.
  "networks/download.ts": outside,
  program: [
    "main.ts",
    "networks/registry.ts",
    "networks/family.ts",
    ...["examine", "copy", "database/connection", "database/writer-lock", "database/storage-error"].map(
      (file) => `store/${file}.ts`,
    ),
    "core",
    "commands",
    "config",
    "http",
    "media/ffmpeg.ts",
    "matrix/homeserver/rooms.ts",
    ...["registration", "events", "health", "inbound", "identity", "discovery", "crypto", "http"].map(
      (room) => `matrix/${room}`,
    ),
  ],
  // What runs in a browser knows nothing of the house but what is served beside it.
  "page/web": [],
  page: [],
  "settings/web": ["page/web"],
  "sandbox/state": [wire, ...sandboxOwn],
  "sandbox/http": sandboxOwn,
  "sandbox/faults": ["sandbox/state", ...sandboxOwn],
  "sandbox/partner": ["sandbox/state", "sandbox/http", "sandbox/faults", ...sandboxOwn],
  "sandbox/phone": [
    wire,
    "sandbox/state",
    "sandbox/http",
    "sandbox/faults",
    "sandbox/partner",
    ...sandboxOwn,
  ],
  "sandbox/chat": [
    wire,
    "sandbox/state",
    "sandbox/http",
    "sandbox/faults",
    "sandbox/partner",
    "sandbox/phone",
    "sandbox/groups",
    ...sandboxOwn,
  ],
  // What a group is on the wire and on the phones; its handlers take stanzas as those of chat do.
  "sandbox/groups": [
    wire,
    "sandbox/state",
    "sandbox/http",
    "sandbox/faults",
    "sandbox/partner",
    "sandbox/phone",
    "sandbox/chat/iq.ts",
    "sandbox/chat/stanza-context.ts",
    ...sandboxOwn,
  ],
  "sandbox/page/model": [],
  "sandbox/page/web": ["sandbox/page/model", "page/web"],
  "sandbox/page": ["sandbox/http", "page/served-page.ts"],
  "sandbox/api": [wire, "sandbox"],
  sandbox: [wire, "config/called.ts"],
};
