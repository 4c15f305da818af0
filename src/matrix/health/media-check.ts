import { randomUUID } from "node:crypto";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { parseMxc } from "../http/mxc.ts";
import { namespaceOf } from "../http/namespace.ts";
import { type Requests, route } from "../http/requests.ts";
import { type CheckOptions, withRequests } from "./check-context.ts";

/** How the homeserver takes files. */
export interface MediaAbilities {
  /** The largest file in bytes, as it says; undefined where it says none. */
  readonly limit: number | undefined;
}

/** Milliseconds, beside a few round trips, in which a proxy refuses a file for the length that is told beforehand. */
const REFUSAL_WITHIN = 150;
const ROUND_TRIPS = 4;
/** What files of chats often have; a smaller limit than this is noticed soon. */
const USUAL = 10 * 1024 * 1024;

const refusal = (words: string): BridgeError => new BridgeError("homeserver-fault", { words, certain: true });

/**
 * Uploads a few bytes as the bot, fetches them back with the bot's token, and begins a file as large as the homeserver
 * takes without sending it, which a proxy with a limit of its own refuses at once. Throws BridgeError with words.
 */
export const checkMedia = (options: CheckOptions): Promise<MediaAbilities> =>
  withRequests(options, async ({ requests, homeserverUrl, registration, names }) => {
    const { bot } = namespaceOf(names);
    const limit = await limitOf(requests, bot);
    const began = performance.now();
    await upAndDown(requests, bot);
    const within = REFUSAL_WITHIN + (ROUND_TRIPS / 2) * (performance.now() - began);
    const size = limit ?? USUAL;
    const asToken = registration.as_token;
    const refused = await refusedAtOnce({ homeserverUrl, asToken, bot, size, within });
    if (refused !== 413) return { limit };
    throw refusal(
      `What is between the bridge and the homeserver refuses files of ${mebibytes(size)}, which the homeserver takes (status 413). Raise that proxy's limit (nginx: client_max_body_size), or give homeserver.url the homeserver's own address.`,
    );
  });

async function limitOf(requests: Requests, bot: UserId): Promise<number | undefined> {
  const told = await requests.ask({ method: "GET", path: route`/_matrix/client/v1/media/config`, as: bot });
  if (told.status === 404 && errcodeOf(told.body) === "M_UNRECOGNIZED") {
    throw refusal(
      "The homeserver has no authenticated media (Matrix 1.11), by which the bridge fetches what your users send. Update it.",
    );
  }
  if (told.status !== 200) throw faultOfReply(told);
  const size = fieldOf(told.body, "m.upload.size");
  return typeof size === "number" && Number.isSafeInteger(size) && size > 0 ? size : undefined;
}

async function upAndDown(requests: Requests, bot: UserId): Promise<void> {
  const content = { probe: randomUUID() };
  const uploaded = await requests.ask({
    method: "POST",
    path: route`/_matrix/media/v3/upload`,
    as: bot,
    body: content,
  });
  const mxc = parseMxc(fieldOf(uploaded.body, "content_uri"));
  if (uploaded.status !== 200 || mxc === undefined) {
    throw refusal(
      `The homeserver takes no file from the bridge (status ${uploaded.status}, ${errcodeOf(uploaded.body) ?? "no errcode"}). Look at enable_media_repo and media_store_path in homeserver.yaml, at the disk they are on, and at what is between: /_matrix/media must go to Synapse too.`,
    );
  }
  const path = route`/_matrix/client/v1/media/download/${mxc.server}/${mxc.id}`;
  const back = await requests.ask({ method: "GET", path, as: bot });
  if (back.status !== 200 || fieldOf(back.body, "probe") !== content.probe) {
    throw refusal(
      `The homeserver does not give back a file that it took (status ${back.status}, ${errcodeOf(back.body) ?? "no errcode"}). See that what is between passes /_matrix/client/v1/media on to Synapse.`,
    );
  }
}

const mebibytes = (bytes: number): string => `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`;

/** The status that comes for a file's length alone; undefined where the file itself is waited for. Nothing is stored. */
function refusedAtOnce(about: {
  readonly homeserverUrl: string;
  readonly asToken: string;
  readonly bot: UserId;
  readonly size: number;
  readonly within: number;
}): Promise<number | undefined> {
  const url = new URL(`${about.homeserverUrl}/_matrix/media/v3/upload`);
  url.searchParams.set("user_id", about.bot);
  const send = url.protocol === "https:" ? secureRequest : plainRequest;
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${about.asToken}`,
      "content-type": "application/octet-stream",
      "content-length": about.size,
    };
    const request = send(url, { method: "POST", headers, agent: false });
    const done = (status: number | undefined): void => {
      clearTimeout(timer);
      resolve(status);
      request.destroy();
    };
    const timer = setTimeout(done, about.within, undefined);
    request.on("response", ({ statusCode }) => done(statusCode));
    request.on("error", () => done(undefined));
    request.flushHeaders();
  });
}
