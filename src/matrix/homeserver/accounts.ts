import type { UserId } from "../../core/model/ids.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, isAbsent, refusalOf } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { type Requests, route } from "../http/requests.ts";

/** Statuses of refusals that may mean that the homeserver does not know the acting user, whatever their errcode. */
const LOST_STATUSES: ReadonlySet<number> = new Set([400, 403, 404]);

/** Whether a failure may be due to an account, device or membership that the homeserver has lost; a proxy knows none. */
export function mayBeLost(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal !== undefined && refusal.code !== "no-errcode" && LOST_STATUSES.has(refusal.status);
}

/** The accounts of our namespace. A homeserver restored from an older copy may have lost some. */
export class Accounts {
  readonly #requests: Requests;
  /** Makes the account, device and profile of a user again. */
  readonly #restore: (user: UserId) => Promise<void>;

  constructor(requests: Requests, restore: (user: UserId) => Promise<void>) {
    this.#requests = requests;
    this.#restore = restore;
  }

  /** Whether a user of our namespace has an account: without one the homeserver refuses `whoami`. */
  async isRegistered(user: UserId): Promise<boolean> {
    const path = route`/_matrix/client/v3/account/whoami`;
    const reply = await this.#requests.ask({ method: "GET", path, as: user });
    if (reply.status === 200) return true;
    if (LOST_STATUSES.has(reply.status) && errcodeOf(reply.body) !== undefined) return false;
    throw faultOfReply(reply);
  }

  /** Makes the account unless the homeserver has it; nothing is remembered, as it may lose accounts. */
  async register(user: UserId): Promise<void> {
    if (await this.isRegistered(user)) return;
    const username = user.slice(1, user.indexOf(":"));
    const body = { type: "m.login.application_service", username, inhibit_login: true };
    const path = route`/_matrix/client/v3/register`;
    const reply = await this.#requests.ask({ method: "POST", path, body });
    if (reply.status === 200 || errcodeOf(reply.body) === "M_USER_IN_USE") return;
    throw faultOfReply(reply);
  }

  /** Runs `act`, which acts as the user; if the homeserver has lost the account, makes it again and repeats `act`. */
  async actingAs<Result>(user: UserId, act: () => Promise<Result>): Promise<Result> {
    try {
      return await act();
    } catch (error) {
      if (!mayBeLost(error) || (await this.isRegistered(user))) throw error;
      await this.#restore(user);
      return act();
    }
  }

  /** `as`: an account of ours, where the user is somebody else. */
  async displayName(user: UserId, as = user): Promise<string | undefined> {
    const name = await this.#profile(user, "displayname", as);
    return typeof name === "string" ? name : undefined;
  }

  /** Sets the avatar unless it is the present one: each change sends an event to every room of the user. */
  async setAvatar(user: UserId, uri: string): Promise<void> {
    if ((await this.#profile(user, "avatar_url")) === uri) return;
    const path = route`/_matrix/client/v3/profile/${user}/avatar_url`;
    await this.#requests.json({ method: "PUT", path, as: user, body: { avatar_url: uri } });
  }

  async #profile(user: UserId, field: "displayname" | "avatar_url", as = user): Promise<unknown> {
    const path = route`/_matrix/client/v3/profile/${user}/${field}`;
    const reply = await this.#requests.ask({ method: "GET", path, as });
    return reply.status === 200 ? fieldOf(reply.body, field) : undefined;
  }
}

/** Whether a user has a profile; the specification's answer for none is 404, and every other failure is thrown. */
export async function hasProfile(requests: Requests, as: UserId, user: UserId): Promise<boolean> {
  const reply = await requests.ask({ method: "GET", path: route`/_matrix/client/v3/profile/${user}`, as });
  if (reply.status === 200) return true;
  if (isAbsent(reply)) return false;
  throw faultOfReply(reply);
}
