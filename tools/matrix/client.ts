import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Call, type Json, MatrixFailure, matrixApi } from "./api.ts";
import {
  ephemeralOf,
  type Invite,
  invitesOf,
  type RoomEvent,
  roomEvent,
  type SyncResponse,
  timelineOf,
} from "./sync-response.ts";
import { Waits } from "./waits.ts";

export interface Credentials {
  readonly homeserver: string;
  /** Localpart or full user id. */
  readonly user: string;
  readonly password: string;
}

export interface Ephemeral {
  readonly roomId: string;
  readonly type: string;
  readonly content: Json;
}

const filter = encodeURIComponent(
  JSON.stringify({
    presence: { types: [] },
    account_data: { types: [] },
    room: { timeline: { limit: 500 } },
  }),
);

/**
 * A person's Matrix client: logged in with a password, syncing until disposed, through any number of
 * homeserver restarts. It joins no room by itself unless `acceptsInvites` is on.
 */
export class MatrixClient implements AsyncDisposable {
  readonly userId: string;
  /** By which it proves itself to the homeserver. */
  readonly token: string;
  readonly call: Call;
  /** Timeline events in the order they were shown. */
  readonly timeline: RoomEvent[] = [];
  acceptsInvites: boolean;
  /** Called with each timeline event, before the waits that it fulfils resolve. */
  onEvent: (event: RoomEvent) => void = () => undefined;
  readonly #stopped = new AbortController();
  readonly #events = new Waits<RoomEvent>();
  readonly #invites = new Waits<Invite>();
  readonly #ephemeral = new Waits<Ephemeral>();
  readonly #seenIds = new Set<string>();
  #since = "";
  #loop: Promise<void> | undefined;

  private constructor(homeserver: string, userId: string, token: string, acceptsInvites: boolean) {
    this.userId = userId;
    this.acceptsInvites = acceptsInvites;
    this.token = token;
    this.call = matrixApi(homeserver, token, this.#stopped.signal);
  }

  /**
   * Logs in and does the first sync, so that everything after this call is seen. Invitations that wait already are
   * told in that sync only: a client that is to accept them must be told so here.
   */
  static async login(
    { homeserver, user, password }: Credentials,
    { acceptsInvites = false }: { readonly acceptsInvites?: boolean } = {},
  ): Promise<MatrixClient> {
    const anonymous = matrixApi(homeserver, undefined, AbortSignal.timeout(30_000));
    const answer = await anonymous("POST", "v3/login", {
      type: "m.login.password",
      identifier: { type: "m.id.user", user },
      password,
    });
    const [userId, token] = [String(answer["user_id"]), String(answer["access_token"])];
    const client = new MatrixClient(homeserver, userId, token, acceptsInvites);
    await client.#sync(0);
    client.#loop = client.#run();
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  /** The next timeline event from now on that matches. */
  next(what: string, matches: (event: RoomEvent) => boolean, seconds?: number): Promise<RoomEvent> {
    return this.#events.next(what, matches, seconds);
  }

  /** A timeline event that matches, shown before or after this call. */
  async shown(what: string, matches: (event: RoomEvent) => boolean, seconds?: number): Promise<RoomEvent> {
    return this.timeline.find(matches) ?? this.next(what, matches, seconds);
  }

  nextInvite(what: string, matches: (invite: Invite) => boolean, seconds?: number): Promise<Invite> {
    return this.#invites.next(what, matches, seconds);
  }

  nextEphemeral(what: string, matches: (event: Ephemeral) => boolean, seconds?: number): Promise<Ephemeral> {
    return this.#ephemeral.next(what, matches, seconds);
  }

  async createRoom(options: Json = {}): Promise<string> {
    return String(
      (await this.call("POST", "v3/createRoom", { preset: "private_chat", ...options }))["room_id"],
    );
  }

  /** Makes a direct chat and invites the other user. */
  createDirectChat(userId: string): Promise<string> {
    return this.createRoom({ preset: "trusted_private_chat", is_direct: true, invite: [userId] });
  }

  async join(roomId: string): Promise<void> {
    await this.call("POST", `v3/join/${encodeURIComponent(roomId)}`, {});
  }

  say(roomId: string, text: string): Promise<string> {
    return this.send(roomId, "m.room.message", { msgtype: "m.text", body: text });
  }

  async send(roomId: string, type: string, content: Json, txnId: string = randomUUID()): Promise<string> {
    const path = `v3/rooms/${encodeURIComponent(roomId)}/send/${type}/${txnId}`;
    return String((await this.call("PUT", path, content))["event_id"]);
  }

  /** Sends under one transaction id until the homeserver accepts it. */
  async sayUntilTaken(roomId: string, text: string): Promise<string> {
    const txnId = randomUUID();
    for (;;) {
      try {
        return await this.send(roomId, "m.room.message", { msgtype: "m.text", body: text }, txnId);
      } catch (error) {
        if (error instanceof MatrixFailure && error.status < 500) throw error;
        this.#stopped.signal.throwIfAborted();
        await pause(100);
      }
    }
  }

  /** The room's whole timeline from the homeserver, oldest first. */
  async history(roomId: string): Promise<RoomEvent[]> {
    const found: RoomEvent[] = [];
    let from: string | undefined;
    do {
      const query = `dir=f&limit=500${from === undefined ? "" : `&from=${encodeURIComponent(from)}`}`;
      const page = await this.call("GET", `v3/rooms/${encodeURIComponent(roomId)}/messages?${query}`);
      found.push(
        ...(page["chunk"] as Parameters<typeof roomEvent>[1][]).map((raw) => roomEvent(roomId, raw)),
      );
      from = page["end"] as string | undefined;
    } while (from !== undefined);
    return found;
  }

  async joinedRooms(): Promise<readonly string[]> {
    return (await this.call("GET", "v3/joined_rooms"))["joined_rooms"] as string[];
  }

  state(roomId: string, type: string, key = ""): Promise<Json> {
    return this.call(
      "GET",
      `v3/rooms/${encodeURIComponent(roomId)}/state/${type}/${encodeURIComponent(key)}`,
    );
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        await this.#sync(30_000);
      } catch {
        if (!this.#stopped.signal.aborted) await pause(100);
      }
    }
  }

  /** Joins; an invitation that was withdrawn, or whose room is gone, is ignored. */
  async #accept({ roomId }: Invite): Promise<void> {
    try {
      await this.join(roomId);
    } catch (error) {
      if (!(error instanceof MatrixFailure) || error.status >= 500) throw error;
    }
  }

  async #sync(timeout: number): Promise<void> {
    const since = this.#since === "" ? "" : `&since=${encodeURIComponent(this.#since)}`;
    const path = `v3/sync?timeout=${timeout}&filter=${filter}${since}`;
    const sync = (await this.call("GET", path)) as unknown as SyncResponse;
    for (const invite of invitesOf(sync, this.userId)) {
      if (this.acceptsInvites) await this.#accept(invite);
      this.#invites.offer(invite);
    }
    for (const event of timelineOf(sync)) {
      if (this.#seenIds.has(event.id)) continue;
      this.#seenIds.add(event.id);
      this.timeline.push(event);
      this.onEvent(event);
      this.#events.offer(event);
    }
    for (const event of ephemeralOf(sync)) this.#ephemeral.offer(event);
    this.#since = sync.next_batch;
  }
}
