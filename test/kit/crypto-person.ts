import { createInterface } from "node:readline";
import { Attachment, EncryptedAttachment } from "@matrix-org/matrix-sdk-crypto-wasm";
import {
  ClientEvent,
  createClient,
  type IContent,
  type MatrixEvent,
  MatrixEventEvent,
  RoomEvent,
  SyncState,
} from "matrix-js-sdk";
import {
  DeviceIsolationModeKind,
  type ShowSasCallbacks,
  VerificationPhase,
  VerificationRequestEvent,
  VerifierEvent,
} from "matrix-js-sdk/lib/crypto-api/index.js";
import type { CryptoCommand, CryptoLine } from "./crypto-client.ts";

// Runs in a process of its own, as its crypto takes the global IndexedDB where there is one.
// Arguments: homeserver, user, password, and "strict" where only devices count that their owner has signed. Reads a
// command a line, and prints what happens, a line each.
const [baseUrl = "", user = "", password = "", ...options] = process.argv.slice(2);
for (const name of ["trace", "debug", "info", "warn", "log", "error"] as const)
  console[name] = () => undefined;

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
const print = (line: CryptoLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

await client.initRustCrypto({ useIndexedDB: false });
const crypto = client.getCrypto();
if (!crypto) throw new Error("there is no crypto");
function become(option: string | undefined): void {
  if (!crypto || option === "unsigned") return;
  const kind = DeviceIsolationModeKind;
  const isolation = option === "strict" ? kind.OnlySignedDevicesIsolationMode : kind.AllDevicesIsolationMode;
  crypto.setDeviceIsolationMode({ kind: isolation, errorOnVerifiedUserProblems: false });
  crypto.globalBlacklistUnverifiedDevices = option === "verified-only";
}
options.forEach(become);
const keysUpload: Parameters<typeof crypto.bootstrapCrossSigning>[0] = {
  authUploadDeviceSigningKeys: async (upload) => {
    await upload({ type: "m.login.password", identifier, password }).catch(() => upload(null));
  },
};
if (!options.includes("unsigned")) await crypto.bootstrapCrossSigning(keysUpload);

async function show(event: MatrixEvent): Promise<void> {
  const info = event.isEncrypted() ? await crypto?.getEncryptionInfoForEvent(event) : null;
  print({
    kind: "event",
    room: event.getRoomId() ?? "",
    id: event.getId() ?? "",
    sender: event.getSender() ?? "",
    type: event.getType(),
    content: event.getContent(),
    relation: (event.getWireContent()["m.relates_to"] as Record<string, unknown> | undefined) ?? null,
    session: (event.getWireContent()["session_id"] as string | undefined) ?? null,
    encrypted: event.isEncrypted(),
    failure: event.isDecryptionFailure() ? String(event.decryptionFailureReason) : null,
    shield: info?.shieldColour ?? null,
    shieldReason: info?.shieldReason ?? null,
  });
}

client.on(RoomEvent.Timeline, (event, _room, toStart) => {
  if (toStart) return;
  if (!event.isEncrypted()) void show(event);
  else if (event.isBeingDecrypted()) void event.getDecryptionPromise()?.then(() => show(event));
  else if (event.getClearContent() !== null || event.isDecryptionFailure()) void show(event);
});
client.on(MatrixEventEvent.Decrypted, (event) => void show(event));

const MEGOLM = { algorithm: "m.megolm.v1.aes-sha2" };

const onlyDeviceOf = async (other: string): Promise<string | undefined> =>
  Array.from((await crypto.getUserDeviceInfo([other], true)).get(other)?.keys() ?? [])[0];

/** The SDK itself holds them weakly, so that one that is waited for may be collected and never end. */
const verifying = new Set<unknown>();

const acts: { readonly [Kind in CryptoCommand["do"]]: (command: never) => Promise<unknown> } = {
  send: async ({ room, type, content }: Extract<CryptoCommand, { readonly do: "send" }>) =>
    (await client.sendEvent(room, type as never, content as IContent as never)).event_id,
  join: async ({ room }: Extract<CryptoCommand, { readonly do: "join" }>) => {
    await client.joinRoom(room);
  },
  "make-room": async ({ invite }: Extract<CryptoCommand, { readonly do: "make-room" }>) =>
    (
      await client.createRoom({
        invite: [...invite],
        is_direct: true,
        preset: "trusted_private_chat" as never,
        initial_state: [{ type: "m.room.encryption", state_key: "", content: MEGOLM }],
      })
    ).room_id,
  encrypt: async ({ room }: Extract<CryptoCommand, { readonly do: "encrypt" }>) => {
    await client.sendStateEvent(room, "m.room.encryption" as never, MEGOLM as never, "");
  },
  become: async ({ option }: Extract<CryptoCommand, { readonly do: "become" }>) => become(option),
  redact: async ({ room, event }: Extract<CryptoCommand, { readonly do: "redact" }>) => {
    await client.redactEvent(room, event);
  },
  "seal-file": async ({ base64 }: Extract<CryptoCommand, { readonly do: "seal-file" }>) => {
    const sealed = Attachment.encrypt(Buffer.from(base64, "base64"));
    const type = "application/octet-stream";
    const body = new Blob([Buffer.from(sealed.encryptedData)]);
    const { content_uri: url } = await client.uploadContent(body, { type, includeFilename: false });
    return { ...(JSON.parse(sealed.mediaEncryptionInfo ?? "{}") as object), url };
  },
  "open-file": async ({ file }: Extract<CryptoCommand, { readonly do: "open-file" }>) => {
    const { url } = file as { readonly url: string };
    const at = client.mxcUrlToHttp(url, undefined, undefined, undefined, false, true, true);
    const headers = { authorization: `Bearer ${login.access_token}` };
    const bytes = new Uint8Array(await (await fetch(at ?? "", { headers })).arrayBuffer());
    return Buffer.from(Attachment.decrypt(new EncryptedAttachment(bytes, JSON.stringify(file)))).toString(
      "base64",
    );
  },
  verify: async ({ user: other, room }: Extract<CryptoCommand, { readonly do: "verify" }>) => {
    const request = await (room === undefined
      ? crypto.requestDeviceVerification(other, (await onlyDeviceOf(other)) ?? "")
      : crypto.requestVerificationDM(other, room));
    const ready = Promise.withResolvers<void>();
    const look = () => void (request.phase === VerificationPhase.Ready && ready.resolve());
    request.on(VerificationRequestEvent.Change, look);
    look();
    await ready.promise;
    const verifier = await request.startVerification("m.sas.v1");
    verifying.add(verifier);
    const emoji: string[] = [];
    const confirm = (shown: ShowSasCallbacks) => {
      emoji.push(...(shown.sas.emoji ?? []).map(([symbol, name]) => `${symbol} ${name}`));
      void shown.confirm();
    };
    verifier.on(VerifierEvent.ShowSas, confirm);
    // They may have come before the answer to what began it.
    const already = verifier.getShowSasCallbacks();
    if (already) confirm(already);
    await verifier.verify();
    return emoji;
  },
  "reset-identity": async () => {
    await crypto.bootstrapCrossSigning({ ...keysUpload, setupNewCrossSigning: true });
  },
  "is-verified": async ({ user: other }: Extract<CryptoCommand, { readonly do: "is-verified" }>) =>
    (await crypto.getUserVerificationStatus(other)).isCrossSigningVerified(),
  logout: async () => {
    await client.logout(true);
  },
};

client.on(ClientEvent.Sync, (state) => {
  if (state === SyncState.Prepared) print({ kind: "ready", user: login.user_id, device: login.device_id });
});
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line) as CryptoCommand;
    acts[command.do](command as never).then(
      (result) => print({ kind: "done", to: command.id, result: result ?? null }),
      (error: unknown) => print({ kind: "failed", to: command.id, why: String(error) }),
    );
  })
  .on("close", () => process.exit(0));
await client.startClient({ initialSyncLimit: 100 });
