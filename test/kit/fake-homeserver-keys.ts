import type { UserId } from "../../src/core/model/ids.ts";
import type { RequestOptions } from "../../src/matrix/http/requests.ts";
import type { ApiRequest } from "./fake-homeserver-api.ts";
import { KeyServer } from "./key-server.ts";

/** Keys of devices at the fake homeserver, which it hands out as they are asked for. */
export class FakeKeys {
  readonly server = new KeyServer();
  /** By user and device, which changes its last `/sync` told. */
  readonly #told = new Map<string, number>();

  /** The answer to a request about keys; undefined where it is about none. */
  answer({
    method,
    parts,
    path,
    body,
    caller,
  }: Omit<ApiRequest, "query">): ReturnType<KeyServer["json"]> | undefined {
    const { user, device } = caller;
    const asked = { method, path, body, as: user as UserId, device } as unknown as RequestOptions;
    // Beside what the homeserver itself keeps of devices.
    if (parts[0] === "devices" && method === "DELETE") void this.server.json(asked);
    return parts[0] === "keys" || parts[0] === "sendToDevice" ? this.server.json(asked) : undefined;
  }

  hasNews(user: string, device: string | undefined): boolean {
    return (
      device !== undefined && this.server.hasNews(user, device, this.#told.get(`${user} ${device}`) ?? 0)
    );
  }

  /** What `/sync` says of keys to a device; nothing to none. */
  sync(user: string, device: string | undefined): Readonly<Record<string, unknown>> {
    if (device === undefined) return {};
    const told = this.server.sync(user, device, this.#told.get(`${user} ${device}`));
    this.#told.set(`${user} ${device}`, this.server.changes);
    return {
      to_device: { events: told.toDevice },
      device_lists: { changed: told.changed, left: told.left },
      device_one_time_keys_count: told.oneTimeKeys,
      device_unused_fallback_key_types: told.unusedFallbackKeys,
    };
  }
}
