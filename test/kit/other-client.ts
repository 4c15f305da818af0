import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Json } from "../../tools/matrix/api.ts";
import { Waits } from "../../tools/matrix/waits.ts";

/** An event as the client shows it: the newest edit's content, its reply target, its reactions. */
export interface ShownEvent {
  readonly id: string;
  readonly type: string;
  readonly sender: string;
  readonly content: Json;
  readonly edited: boolean;
  readonly redacted: boolean;
  readonly replyTo: string | null;
  /** The users who reacted, by key. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
}

export interface ShownRoom {
  readonly id: string;
  readonly name: string;
  readonly space: boolean;
  readonly membership: string;
  readonly topic: string;
  /** Whether the client lets the person write there. */
  readonly maySpeak: boolean;
  /** Rooms of a Space. */
  readonly children: readonly string[];
  /** Membership by user. */
  readonly members: Readonly<Record<string, string>>;
  readonly typing: readonly string[];
  /** The event up to which each member has read. */
  readonly readUpTo: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly events: readonly ShownEvent[];
}

export interface ShownAccount {
  readonly rooms: readonly ShownRoom[];
  /** `m.direct`. */
  readonly direct: Readonly<Record<string, readonly string[]>>;
}

type Line = ShownAccount | { readonly token: string };

const viewer = fileURLToPath(new URL("js-sdk-account.ts", import.meta.url));

/** What matrix-js-sdk shows of a person's account, as it changes. */
export class OtherClient implements AsyncDisposable {
  readonly #homeserver: string;
  readonly #token: string;
  readonly #child: ChildProcess;
  readonly #changes: Waits<ShownAccount>;
  #now: ShownAccount = { rooms: [], direct: {} };
  #isEnded = false;

  private constructor(homeserver: string, token: string, child: ChildProcess, changes: Waits<ShownAccount>) {
    this.#homeserver = homeserver;
    this.#token = token;
    this.#child = child;
    this.#changes = changes;
  }

  /** Logs in and does the first sync. */
  static async start(homeserver: string, user: string, password: string): Promise<OtherClient> {
    const child = spawn(process.execPath, [viewer, homeserver, user, password], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const changes = new Waits<ShownAccount>();
    const { promise: told, resolve: tell, reject } = Promise.withResolvers<string>();
    child.once("exit", () => reject(new Error("The other client ended")));
    const first = changes.next("the other client's first sync", () => true, 60);
    const lines = createInterface({ input: child.stdout });
    let client: OtherClient | undefined;
    let latest: ShownAccount | undefined;
    lines.on("line", (text) => {
      // Its last line may be cut off by its end.
      if (client !== undefined && client.#isEnded) return;
      const line = JSON.parse(text) as Line;
      if ("token" in line) return tell(line.token);
      latest = line;
      if (client) client.#now = line;
      changes.offer(line);
    });
    client = new OtherClient(homeserver, await told, child, changes);
    const shown = await first;
    // Later lines may have come in the same turn as the first.
    client.#now = latest ?? shown;
    return client;
  }

  /** Resolves once what the account shows satisfies `find`, with what it found. */
  async until<T>(
    what: string,
    find: (account: ShownAccount) => T | undefined | false,
    seconds?: number,
  ): Promise<T> {
    const wanted = (account: ShownAccount): T | undefined => {
      const found = find(account);
      return found === false ? undefined : found;
    };
    const already = wanted(this.#now);
    if (already !== undefined) return already;
    const change = this.#changes.next(what, (each) => wanted(each) !== undefined, seconds);
    const account = await change.catch((error: unknown) => {
      throw new Error(`${String(error)}; the rooms end with ${JSON.stringify(this.#lastEvents())}`);
    });
    return wanted(account) as T;
  }

  room<T>(id: string, what: string, find: (room: ShownRoom) => T | undefined | false): Promise<T> {
    return this.until(what, ({ rooms }) => {
      const room = rooms.find((each) => each.id === id);
      return room !== undefined && find(room);
    });
  }

  /** An event of a room that matches, now or later. */
  event(room: string, what: string, matches: (event: ShownEvent) => boolean): Promise<ShownEvent> {
    return this.room(room, what, ({ events }) => events.find(matches));
  }

  get now(): ShownAccount {
    return this.#now;
  }

  /** Puts a file on the homeserver; answers its `mxc://` address. */
  async upload(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<string> {
    const response = await fetch(`${this.#homeserver}/_matrix/media/v3/upload`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.#token}`, "content-type": type },
      body: bytes,
    });
    const answer = (await response.json()) as Json;
    if (!response.ok) throw new Error(`The upload was answered ${response.status}`);
    return String(answer["content_uri"]);
  }

  /** A file from the homeserver, by the authenticated way (spec: Content repository). */
  async download(uri: unknown): Promise<{ readonly bytes: Buffer; readonly type: string }> {
    const path = String(uri).replace("mxc://", "");
    const url = `${this.#homeserver}/_matrix/client/v1/media/download/${path}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${this.#token}` } });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`The download of ${path} was answered ${response.status}`);
    return { bytes, type: response.headers.get("content-type") ?? "" };
  }

  /** The last events of each room, for the message of a failure. */
  #lastEvents(): readonly unknown[] {
    return this.#now.rooms.map(({ name, events }) => [
      name,
      events.slice(-4).map(({ type, content }) => [type, content["body"]]),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#isEnded = true;
    this.#child.kill("SIGKILL");
    await gone;
  }
}
