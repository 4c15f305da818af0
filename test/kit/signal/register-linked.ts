import type { Net } from "@signalapp/libsignal-client";
import type { NewPrekey } from "../../../src/sandbox/phone/person-keys.ts";
import type { MemoryDevice } from "../signal-memory.ts";

/** What Signal's apps can do: an account's new device must not do less. */
export const CAPABILITIES = { attachmentBackfill: true, spqr: true, usernameChangeSyncMessage: true };

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** A prekey as the server takes it. */
export function uploaded({ kind, public: { id, value, signature } }: NewPrekey) {
  const publicKey = base64(kind === "ec" || kind === "signed" ? Uint8Array.of(5, ...value) : value);
  return { keyId: id, publicKey, ...(signature && { signature: base64(signature) }) };
}

interface Registration {
  readonly aci: MemoryDevice;
  readonly pni: MemoryDevice;
  readonly code: string | null;
  readonly capabilities: Readonly<Record<string, boolean>>;
}

/** Makes a device one of the account's, and answers its number. Rejects where the server refuses it. */
export async function registerLinked(
  open: Net.UnauthenticatedChatConnection,
  username: string,
  password: string,
  { aci, pni, code, capabilities }: Registration,
): Promise<number> {
  const lasting = ({ upload }: MemoryDevice, kind: NewPrekey["kind"]) => {
    const key = upload.find((each) => each.kind === kind);
    return key && uploaded(key);
  };
  const answer = await put(
    open,
    "/v1/devices/link",
    {
      verificationCode: code,
      accountAttributes: {
        fetchesMessages: true,
        registrationId: aci.registration,
        pniRegistrationId: pni.registration,
        name: "",
        capabilities,
      },
      aciSignedPreKey: lasting(aci, "signed"),
      pniSignedPreKey: lasting(pni, "signed"),
      aciPqLastResortPreKey: lasting(aci, "last"),
      pniPqLastResortPreKey: lasting(pni, "last"),
    },
    [["authorization", `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`]],
  );
  return Number((JSON.parse(answer) as Record<string, unknown>)["deviceId"]);
}

/** Answers the body; rejects where that is not 200. */
export async function put(
  chat: Net.ChatConnection,
  path: string,
  body: unknown,
  headers: readonly [string, string][] = [],
): Promise<string> {
  const response = await chat.fetch({
    verb: "PUT",
    path,
    headers: [["content-type", "application/json"], ...headers],
    body: Uint8Array.from(Buffer.from(JSON.stringify(body))),
  });
  const text = Buffer.from(response.body ?? []).toString();
  if (response.status !== 200) throw new Error(`PUT ${path} was answered with ${response.status}: ${text}`);
  return text;
}
