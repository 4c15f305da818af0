import type { UserId } from "../../core/model/ids.ts";
import type { Log } from "../../core/ports/log.ts";
import type { TokenOwners } from "../../core/ports/token-owners.ts";
import { type Listener, listen } from "../listener.ts";
import { Answering, jsonReply } from "./answering.ts";
import { Authentication } from "./caller/authentication.ts";
import { descriptionOf } from "./description.ts";
import { pageFiles } from "./page-files.ts";
import { type ProvisioningScope, provisioningRoutes } from "./routes.ts";

interface ServeOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** The address that clients use. */
  readonly url: string;
  readonly sharedSecret: string | undefined;
  readonly proxies: readonly string[];
  readonly scope: ProvisioningScope;
  readonly owners: TokenOwners;
  readonly isOurs: (user: UserId) => boolean;
  readonly version: string;
  readonly log: Log;
}

const MOST_BYTES = 64 * 1024;

/** Serves the provisioning API, its description, and where it is found. */
export async function startProvisioning(options: ServeOptions): Promise<Listener> {
  const { scope, owners, isOurs, sharedSecret, url, version, log, proxies } = options;
  const { networks, access, clock, sessions } = scope;
  const stop = new AbortController();
  const page = pageFiles([]);
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
    signal: stop.signal,
  });
  const listener = await listen({
    name: "provisioning listener",
    listen: options.listen,
    routes: {
      find: (_method, path) => ({
        path,
        handle: async (request) => page.answer(request) ?? answering.answer(request),
      }),
      knows: () => true,
    },
    refusal: (status, words) =>
      jsonReply(status, { errcode: status === 413 ? "M_TOO_LARGE" : "M_UNKNOWN", error: words }),
    maxBody: MOST_BYTES,
    proxies,
    log,
  });
  return {
    url: listener.url,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await listener[Symbol.asyncDispose]();
    },
  };
}
