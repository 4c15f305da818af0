import type { NetworkName } from "../config.ts";
import { anonymousTarget } from "../faults/fault-target.ts";
import type { Faults } from "../faults/faults.ts";
import { HttpError } from "../http/http-error.ts";
import type { Route } from "../http/http-server.ts";
import type { MediaTables } from "../state/media-tables.ts";
import type { MediaProxy } from "./media-proxy.ts";

const type = "application/octet-stream";

/** The media host of a network (`media_url` + `directPath`), and its proxy (`{opaque}` is a URL in base64url). */
export function mediaRoutes(
  network: NetworkName,
  media: MediaTables,
  proxy: MediaProxy,
  faults: Faults,
): readonly Route[] {
  return [
    {
      method: "GET",
      path: `/${network}/media/:id`,
      handle({ params }) {
        if (
          faults.hit(["media-down", "http-error"], anonymousTarget(network, "to_bridge", "media")) !==
          undefined
        ) {
          throw new HttpError(503, "media-down", "The media host is down.");
        }
        const bytes = media.hosted(network, params["id"] ?? "");
        if (bytes === undefined) throw new HttpError(404, "no-such-media", "There is no such file.");
        return { status: 200, bytes, type };
      },
    },
    {
      method: "GET",
      path: `/${network}/media-proxy/:opaque`,
      async handle({ params }) {
        const address = Buffer.from(params["opaque"] ?? "", "base64url").toString("utf8");
        return { status: 200, bytes: await proxy(network, address), type };
      },
    },
  ];
}
