import type { UserId } from "../../src/core/model/ids.ts";
import { faultOfReply } from "../../src/matrix/http/homeserver-error.ts";
import type { RequestOptions } from "../../src/matrix/http/requests.ts";

type Json = Readonly<Record<string, unknown>>;
type Signed = { signatures?: Record<string, Record<string, string>> };
interface Device {
  keys: (Json & Signed) | undefined;
  readonly oneTime: Map<string, unknown>;
  fallback: [string, unknown] | undefined;
  readonly inbox: Json[];
}

/** A homeserver's half of end-to-end encryption, in memory: keys, signatures and to-device messages. */
export class KeyServer {
  readonly #devices = new Map<string, Map<string, Device>>();
  readonly #crossSigning = new Map<string, Record<string, Json & Signed>>();
  readonly #removed = new Set<string>();
  /** When each user's devices or identity last changed, counted. */
  readonly #changed = new Map<string, number>();
  #changes = 0;
  /** The to-device requests that were carried out, by their ids. */
  readonly #sent = new Set<string>();
  /** Paths that fail, each once. */
  readonly fails = new Set<string>();
  /** Called when something waits for a device. */
  readonly listeners = new Set<() => void>();

  async json({ method, path, body, as, device }: RequestOptions): Promise<Json> {
    const failing = Array.from(this.fails).find((part) => path.includes(part));
    if (failing !== undefined) {
      this.fails.delete(failing);
      throw new Error(`${method} ${path} fails`);
    }
    const [, what = "", ...rest] = path.split("/_matrix/client/v3/").join("/").split("/");
    const user = as ?? ("" as UserId);
    if (device !== undefined && this.#removed.has(`${user} ${device}`))
      throw faultOfReply({ status: 400, retryAfter: undefined, body: { errcode: "M_UNKNOWN_DEVICE" } });
    const asked = (body ?? {}) as Record<string, Record<string, Record<string, unknown>>>;
    if (what === "devices") {
      const id = decodeURIComponent(rest[0] ?? "");
      if (method === "DELETE") this.removes(user, id);
      else {
        this.#removed.delete(`${user} ${id}`);
        this.#device(user, id);
      }
      this.#change(user);
      return {};
    }
    if (what === "sendToDevice") return this.#toDevice(user, rest, asked["messages"] ?? {});
    switch (rest.join("/")) {
      case "upload":
        return this.#upload(user, device ?? "", body as Json);
      case "query":
        return this.#query(Object.keys(asked["device_keys"] ?? {}));
      case "claim":
        return this.#claim(asked["one_time_keys"] as unknown as Record<string, Record<string, string>>);
      case "device_signing/upload":
        return this.#signing(user, body as Record<string, Json>);
      case "signatures/upload":
        return this.#signatures(asked);
      default:
        throw new Error(`the key server knows no ${path}`);
    }
  }

  /** How many changes of devices and identities there were. */
  get changes(): number {
    return this.#changes;
  }

  /** Whether a `/sync` of that device has something to say. */
  hasNews(user: string, device: string, since: number): boolean {
    return this.#changes > since || this.#device(user, device).inbox.length > 0;
  }

  /** What a `/sync` of that device would say of keys; `since` so many changes. */
  sync(user: string, device: string, since = 0) {
    const { inbox, oneTime, fallback } = this.#device(user, device);
    const toDevice = inbox.splice(0);
    const changed = Array.from(this.#changed).flatMap(([who, at]) => (at > since ? [who] : []));
    return {
      toDevice,
      changed,
      left: [],
      oneTimeKeys: { signed_curve25519: oneTime.size },
      unusedFallbackKeys: fallback ? ["signed_curve25519"] : [],
    };
  }

  /** As an administrator does with a device. */
  removes(user: UserId, id: string): void {
    this.#devices.get(user)?.delete(id);
    this.#removed.add(`${user} ${id}`);
    this.#change(user);
  }

  /** As a homeserver of an older copy does, of which nobody is told. */
  loses(user: UserId): void {
    this.#devices.delete(user);
    this.#crossSigning.delete(user);
  }

  /** The public master key of a user. */
  masterKeyOf(user: UserId): unknown {
    return this.#crossSigning.get(user)?.["master_key"]?.["keys"];
  }

  oneTimeKeysOf(user: string, device: string): number {
    return this.#device(user, device).oneTime.size;
  }

  #device(user: string, id: string): Device {
    const devices = this.#devices.get(user) ?? new Map<string, Device>();
    this.#devices.set(user, devices);
    const device = devices.get(id) ?? { keys: undefined, oneTime: new Map(), fallback: undefined, inbox: [] };
    devices.set(id, device);
    return device;
  }

  #upload(user: string, id: string, body: Json): Json {
    const device = this.#device(user, id);
    if (body["device_keys"]) {
      device.keys = structuredClone(body["device_keys"]) as Json & Signed;
      this.#change(user);
    }
    for (const [name, key] of Object.entries((body["one_time_keys"] ?? {}) as Json))
      device.oneTime.set(name, key);
    const [fallback] = Object.entries((body["fallback_keys"] ?? {}) as Json);
    device.fallback = fallback ?? device.fallback;
    return { one_time_key_counts: { signed_curve25519: device.oneTime.size } };
  }

  #query(users: readonly string[]): Json {
    const known = (name: string) =>
      Object.fromEntries(
        users.flatMap((user) => {
          const key = this.#crossSigning.get(user)?.[name];
          return key ? [[user, key]] : [];
        }),
      );
    const devices = users.map((user) => [
      user,
      Object.fromEntries(
        Array.from(this.#devices.get(user) ?? []).flatMap(([id, { keys }]) => (keys ? [[id, keys]] : [])),
      ),
    ]);
    return {
      failures: {},
      device_keys: Object.fromEntries(devices) as Json,
      master_keys: known("master_key"),
      self_signing_keys: known("self_signing_key"),
      user_signing_keys: known("user_signing_key"),
    };
  }

  #claim(asked: Readonly<Record<string, Record<string, string>>>): Json {
    const claimed = Object.entries(asked).map(([user, devices]) => [
      user,
      Object.fromEntries(
        Object.keys(devices).flatMap((id) => {
          const { oneTime, fallback } = this.#device(user, id);
          const [first] = oneTime;
          if (first) oneTime.delete(first[0]);
          const key = first ?? fallback;
          return key ? [[id, { [key[0]]: key[1] }]] : [];
        }),
      ),
    ]);
    return { failures: {}, one_time_keys: Object.fromEntries(claimed) as Json };
  }

  #signing(user: string, keys: Record<string, Json>): Json {
    const stored = Object.fromEntries(Object.entries(keys).filter(([name]) => name !== "auth")) as Record<
      string,
      Json & Signed
    >;
    this.#crossSigning.set(user, structuredClone(stored));
    this.#change(user);
    return {};
  }

  #signatures(signed: Readonly<Record<string, Record<string, Json & Signed>>>): Json {
    for (const [user, keys] of Object.entries(signed))
      for (const [id, { signatures = {} }] of Object.entries(keys)) {
        const target =
          this.#devices.get(user)?.get(id)?.keys ??
          Object.values(this.#crossSigning.get(user) ?? {}).find((key) =>
            Object.values((key["keys"] ?? {}) as Json).includes(id),
          );
        if (!target) continue;
        target.signatures ??= {};
        for (const [by, ones] of Object.entries(signatures))
          target.signatures[by] = { ...target.signatures[by], ...ones };
        this.#change(user);
      }
    return { failures: {} };
  }

  #toDevice(
    sender: string,
    [type = "", id = ""]: readonly string[],
    messages: Record<string, Record<string, unknown>>,
  ): Json {
    if (this.#sent.has(`${sender} ${id}`)) return {};
    this.#sent.add(`${sender} ${id}`);
    for (const [user, devices] of Object.entries(messages))
      for (const [device, content] of Object.entries(devices))
        this.#device(user, device).inbox.push({ type: decodeURIComponent(type), sender, content });
    for (const listener of this.listeners) listener();
    return {};
  }

  #change(user: string): void {
    this.#changes += 1;
    this.#changed.set(user, this.#changes);
    for (const listener of this.listeners) listener();
  }
}
