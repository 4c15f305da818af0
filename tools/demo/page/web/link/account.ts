import {
  ClientEvent,
  createClient,
  EventStatus,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  PendingEventOrdering,
  type Room,
  RoomEvent,
  RoomMemberEvent,
  RoomStateEvent,
  SyncState,
} from "matrix-js-sdk";
import type { DemoLogin } from "../../model/demo-state.ts";
import { words } from "../words.ts";
import { MediaCache } from "./media.ts";
import { quiet } from "./quiet-logger.ts";

/** Events that a room is shown with at first. */
const firstEvents = 60;

/** How the homeserver answers: `ended` when it no longer knows the session. */
type LinkState = "connecting" | "live" | "away" | "ended";

/** One of the demo's people at the homeserver. Tells `changed` after each news, many at once. */
export class Account {
  readonly userId: string;
  readonly client: MatrixClient;
  readonly media: MediaCache;
  state: LinkState = "connecting";
  /** What was refused last, to be told once. */
  trouble: { readonly words: string; readonly n: number } | undefined;
  /** The message of somebody else that came last while one looked on. */
  news: MatrixEvent | undefined;
  readonly #changed: () => void;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #troubles = 0;

  constructor(homeserver: string, { userId, accessToken, deviceId }: DemoLogin, changed: () => void) {
    this.userId = userId;
    this.#changed = changed;
    this.client = createClient({
      baseUrl: homeserver,
      userId,
      accessToken,
      deviceId,
      logger: quiet,
      disableVoip: true,
    });
    // Asked for at each start, also without calls, and answered 404, which browsers write into their console.
    Object.assign(this.client, { _unstable_getRTCTransports: () => Promise.resolve([]) });
    this.media = new MediaCache(this.client);
    this.#listen();
    void this.client.startClient({
      initialSyncLimit: firstEvents,
      pendingEventOrdering: PendingEventOrdering.Chronological,
    });
  }

  close(): void {
    clearTimeout(this.#telling);
    this.client.stopClient();
    this.client.removeAllListeners();
    this.media.close();
  }

  /** Does it, and says why where it was refused. Answers whether it was done. */
  async does(act: (client: MatrixClient) => Promise<unknown>): Promise<boolean> {
    try {
      await act(this.client);
      this.tell();
      return true;
    } catch (cause) {
      this.complain(refusalWords(cause));
      return false;
    }
  }

  /** Does it where it can be done; for what nobody misses, such as typing, or where the bubble says how it went. */
  async tries(act: (client: MatrixClient) => Promise<unknown>): Promise<void> {
    await act(this.client).catch(() => undefined);
    this.tell();
  }

  complain(said: string): void {
    this.#troubles += 1;
    this.trouble = { words: said, n: this.#troubles };
    this.tell();
  }

  /** Tells soon that something changed. */
  tell(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#changed();
    }, 0);
  }

  rooms(membership: "join" | "invite" = "join"): readonly Room[] {
    return this.client.getRooms().filter((room) => room.getMyMembership() === membership);
  }

  #listen(): void {
    const { client } = this;
    const tell = (): void => this.tell();
    client.on(ClientEvent.Sync, (state) => this.#synced(state));
    client.on(RoomEvent.Timeline, (event, room, _toStart, _removed, { liveEvent }) => {
      if (liveEvent === true && this.state === "live" && isNews(event, this.userId, room)) this.news = event;
      this.tell();
    });
    client.on(ClientEvent.Room, tell);
    client.on(ClientEvent.AccountData, tell);
    client.on(RoomEvent.LocalEchoUpdated, tell);
    client.on(RoomEvent.Receipt, tell);
    client.on(RoomEvent.Redaction, tell);
    client.on(RoomEvent.MyMembership, tell);
    client.on(RoomEvent.Name, tell);
    client.on(RoomStateEvent.Events, tell);
    client.on(RoomMemberEvent.Typing, tell);
    client.on(MatrixEventEvent.Replaced, tell);
  }

  #synced(state: SyncState): void {
    const before = this.state;
    if (state === SyncState.Prepared || state === SyncState.Syncing) this.state = "live";
    else if (state === SyncState.Error || state === SyncState.Reconnecting) this.state = "away";
    else if (state === SyncState.Stopped && before !== "connecting") this.state = "ended";
    if (before === "away" && this.state === "live") this.#resend();
    this.tell();
  }

  /** What was written while the homeserver was away goes out in its order, under its own id. */
  #resend(): void {
    for (const room of this.rooms())
      for (const event of room.getLiveTimeline().getEvents())
        if (waits(event)) void this.tries((client) => client.resendEvent(event, room));
  }
}

/** Whether it was not sent because the homeserver was away, so that it goes out by itself. */
export function waits({ status, error }: MatrixEvent): boolean {
  if (status !== EventStatus.NOT_SENT) return false;
  const code = error?.httpStatus;
  return code === undefined || code >= 500;
}

const isNews = (event: MatrixEvent, me: string, room: Room | undefined): boolean =>
  room !== undefined &&
  event.getSender() !== me &&
  event.getType() === "m.room.message" &&
  !event.isRelation("m.replace");

function refusalWords(cause: unknown): string {
  const { httpStatus, data } = cause as {
    readonly httpStatus?: number;
    readonly data?: { readonly error?: string };
  };
  if (httpStatus === undefined) return words.link.unreached;
  return data?.error ?? words.link.refused(httpStatus);
}
