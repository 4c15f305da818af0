import { BridgeError } from "../../core/model/errors.ts";
import type { EventId, RoomId, UserId } from "../../core/model/ids.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { AccountState, Puppets } from "../../core/ports/double-puppets.ts";
import type { EventToSend } from "../../core/ports/homeserver.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply, isAbsent } from "../http/homeserver-error.ts";
import { isEventId } from "../http/identifier.ts";
import { fieldOf } from "../http/json.ts";
import { Requests, type Route, route } from "../http/requests.ts";
import { pathOf } from "./event-sender.ts";

export interface DoublePuppetsOptions {
  readonly homeserverUrl: string;
  readonly serverName: string;
  /** Of the second registration; undefined where there is none. */
  readonly asToken: string | undefined;
  /** An account that exists, as which to ask the homeserver. */
  readonly bot: UserId;
  readonly clock: Clock;
  /** When it aborts, running requests end. */
  readonly stopping?: AbortSignal | undefined;
}

/** Milliseconds for which an answer about the installation is kept; a “no” changes when the homeserver restarts. */
const YES_KEPT = 600_000;
const NO_KEPT = 60_000;

/** Acts as people of our own homeserver by the second registration, without tokens of theirs. */
export class DoublePuppets implements Puppets, AsyncDisposable {
  readonly #options: DoublePuppetsOptions;
  readonly #requests: Requests;
  #installedAnswer:
    | { readonly at: number; readonly kept: number; readonly installed: Promise<boolean> }
    | undefined;

  constructor(options: DoublePuppetsOptions) {
    this.#options = options;
    const { homeserverUrl, asToken = "", stopping } = options;
    this.#requests = new Requests({ homeserverUrl, asToken, connections: 4, stopping });
  }

  async installed(): Promise<boolean> {
    const { asToken, clock } = this.#options;
    if (asToken === undefined) return false;
    const now = clock.now();
    // The absolute difference, as a clock that is set back must not keep an answer for longer.
    if (
      this.#installedAnswer !== undefined &&
      Math.abs(now - this.#installedAnswer.at) < this.#installedAnswer.kept
    ) {
      return this.#installedAnswer.installed;
    }
    const installed = this.#ask();
    this.#installedAnswer = { at: now, kept: NO_KEPT, installed };
    if (await installed) this.#installedAnswer = { at: now, kept: YES_KEPT, installed };
    return installed;
  }

  /**
   * The state of an account, by a login that must fail: Synapse checks the account only at logins, and refuses a device
   * id of more than 512 characters after that check, so no device is made.
   */
  async account(user: UserId): Promise<AccountState> {
    const reply = await this.#requests.ask({
      method: "POST",
      path: route`/_matrix/client/v3/login`,
      body: {
        type: "m.login.application_service",
        identifier: { type: "m.id.user", user: this.#localUser(user) },
        device_id: "x".repeat(513),
      },
    });
    const { status, body } = reply;
    const code = errcodeOf(body);
    if (code === "M_USER_DEACTIVATED") return "deactivated";
    if (code === "M_USER_LOCKED") return "locked";
    if (code === "M_INVALID_PARAM" && status === 400) return "active";
    if (status === 200) {
      await this.#logOut(fieldOf(body, "access_token"));
      return "active";
    }
    if (status >= 400 && status < 500 && status !== 429 && code !== undefined) return "unknown";
    throw faultOfReply(reply);
  }

  async join(user: UserId, room: RoomId): Promise<void> {
    await this.#as(user, "POST", route`/_matrix/client/v3/rooms/${room}/join`, {});
  }

  async send(event: EventToSend): Promise<EventId> {
    const as = this.#localUser(event.sender);
    const path = pathOf(event);
    const reply = await this.#requests.ask({ method: "PUT", path, as, body: event.content });
    // The homeserver does not know the registration any more.
    if (reply.status === 401) {
      this.#installedAnswer = undefined;
      const words = "The homeserver does not let the bridge act as people any more.";
      throw new BridgeError("forbidden", { words, certain: true });
    }
    const made = fieldOf(reply.body, "event_id");
    if (reply.status === 200 && isEventId(made)) return made;
    throw faultOfReply(reply);
  }

  async markRead(user: UserId, room: RoomId, event: EventId): Promise<void> {
    const body = { "m.fully_read": event, "m.read": event };
    await this.#as(user, "POST", route`/_matrix/client/v3/rooms/${room}/read_markers`, body);
  }

  async directChats(user: UserId): Promise<Readonly<Record<string, readonly string[]>>> {
    return Object.fromEntries(
      Object.entries(await this.#accountData(user, "m.direct")).flatMap(([other, rooms]) =>
        Array.isArray(rooms)
          ? [[other, (rooms as readonly unknown[]).filter((room) => typeof room === "string")]]
          : [],
      ),
    );
  }

  async setDirectChats(user: UserId, chats: Readonly<Record<string, readonly string[]>>): Promise<void> {
    await this.#as(user, "PUT", route`/_matrix/client/v3/user/${user}/account_data/m.direct`, chats);
  }

  async setTag(user: UserId, room: RoomId, tag: string, on: boolean): Promise<void> {
    const path = route`/_matrix/client/v3/user/${user}/rooms/${room}/tags/${tag}`;
    await (on ? this.#as(user, "PUT", path, {}) : this.#as(user, "DELETE", path, undefined));
  }

  async setQuiet(user: UserId, room: RoomId, quiet: boolean): Promise<void> {
    const path = route`/_matrix/client/v3/pushrules/global/override/${`thirdpartychats.quiet.${room}`}`;
    const as = this.#localUser(user);
    const body = { conditions: [{ kind: "event_match", key: "room_id", pattern: room }], actions: [] };
    const reply = await this.#requests.ask(
      quiet ? { method: "PUT", path, as, body } : { method: "DELETE", path, as },
    );
    if (reply.status !== 200 && (quiet || !isAbsent(reply))) throw faultOfReply(reply);
  }

  /** Under the name of the specification (1.12, `m.marked_unread`), and the one that older clients know. */
  async setMarkedUnread(user: UserId, room: RoomId, unread: boolean): Promise<void> {
    for (const type of ["m.marked_unread", "com.famedly.marked_unread"]) {
      const path = route`/_matrix/client/v3/user/${user}/rooms/${room}/account_data/${type}`;
      await this.#as(user, "PUT", path, { unread });
    }
  }

  async ignoredUsers(user: UserId): Promise<readonly UserId[]> {
    const ignored = fieldOf(await this.#accountData(user, "m.ignored_user_list"), "ignored_users");
    return typeof ignored === "object" && ignored !== null ? (Object.keys(ignored) as UserId[]) : [];
  }

  /** What the person's clients keep under a type; a page of a proxy is not taken for an empty one. */
  async #accountData(user: UserId, type: string): Promise<object> {
    const path = route`/_matrix/client/v3/user/${user}/account_data/${type}`;
    const reply = await this.#requests.ask({ method: "GET", path, as: this.#localUser(user) });
    if (isAbsent(reply)) return {};
    const { status, body } = reply;
    if (status === 200 && typeof body === "object" && body !== null && !Array.isArray(body)) return body;
    throw faultOfReply(reply);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests[Symbol.asyncDispose]();
  }

  /** Asks whether the second registration is installed; without an answer it counts as not, as puppets could not act. */
  async #ask(): Promise<boolean> {
    const path = route`/_matrix/client/v3/account/whoami`;
    const request = { method: "GET", path, as: this.#options.bot, timeout: 10_000 } as const;
    return this.#requests.ask(request).then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** Deletes the device that a homeserver without a limit on device ids has made. */
  async #logOut(token: unknown): Promise<void> {
    if (typeof token !== "string") return;
    const { homeserverUrl, stopping } = this.#options;
    await using requests = new Requests({ homeserverUrl, asToken: token, connections: 1, stopping });
    await requests.json({ method: "POST", path: route`/_matrix/client/v3/logout`, body: {} });
  }

  async #as(user: UserId, method: "POST" | "PUT" | "DELETE", path: Route, body: unknown): Promise<void> {
    await this.#requests.json({ method, path, as: this.#localUser(user), body });
  }

  #localUser(user: UserId): UserId {
    const { serverName, asToken } = this.#options;
    if (asToken !== undefined && user.startsWith("@") && user.endsWith(`:${serverName}`)) return user;
    throw new BridgeError("forbidden", {
      words: "Only people of this homeserver can be acted for, and only with the second registration.",
      certain: true,
    });
  }
}
