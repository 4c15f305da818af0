import type { UserId } from "../../core/model/ids.ts";
import type { TokenOwners } from "../../core/ports/access.ts";
import type { Log } from "../../core/ports/log.ts";
import { type Listener, listen } from "../listener.ts";
import { Answering, type AskedRequest, jsonReply, type WholeReply } from "./answering.ts";
import { Authentication } from "./caller/authentication.ts";
import { descriptionOf } from "./description.ts";
import { pageFiles } from "./page-files.ts";
import { type ProvisioningScope, provisioningRoutes } from "./routes.ts";

interface ApiOptions {
  /** The address that clients use. */
  readonly url: string;
  readonly sharedSecret: string | undefined;
  /** Origins that may hold the settings page in a frame. */
  readonly frames: readonly string[];
  readonly scope: ProvisioningScope;
  readonly owners: TokenOwners;
  readonly isOurs: (user: UserId) => boolean;
  readonly version: string;
  readonly log: Log;
  /** Requests that wait for something are answered when it aborts. */
  readonly signal: AbortSignal;
}

interface ListenOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly proxies: readonly string[];
  readonly log: Log;
}

/** The provisioning API, its description, where it is found, and the settings page. */
export interface ProvisioningApi {
  answer(request: AskedRequest): Promise<WholeReply>;
}

const MOST_BYTES = 64 * 1024;

export function provisioningApi(options: ApiOptions): ProvisioningApi {
  const { scope, owners, isOurs, sharedSecret, frames, url, version, log, signal } = options;
  const { networks, access, clock, sessions } = scope;
  const page = pageFiles(frames);
  const routes = provisioningRoutes(scope);
  const answering = new Answering({
    networks,
    routes,
    authentication: new Authentication({ owners, access, sharedSecret, isOurs, sessions, clock }),
    documents: new Map<string, unknown>([
      ["/_matrix/provision/openapi.json", descriptionOf(routes, url, version)],
      [
        "/.well-known/matrix/mautrix",
        { "fi.mau.bridges": Array.from(networks.keys(), (id) => `${url}/${id}`) },
      ],
    ]),
    log,
    signal,
  });
  return { answer: async (request) => page.answer(request) ?? answering.answer(request) };
}

/** Serves the API on a port of its own. */
export const serveProvisioning = (api: ProvisioningApi, options: ListenOptions): Promise<Listener> =>
  listen({
    ...options,
    name: "provisioning listener",
    routes: {
      find: (_method, path) => ({ path, handle: (request) => api.answer(request) }),
      knows: () => true,
    },
    refusal: (status, words) =>
      jsonReply(status, { errcode: status === 413 ? "M_TOO_LARGE" : "M_UNKNOWN", error: words }),
    maxBody: MOST_BYTES,
  });
