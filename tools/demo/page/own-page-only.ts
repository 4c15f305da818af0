import { HttpError } from "../../../src/sandbox/http/http-error.ts";
import type { HttpRequest, Route } from "../../../src/sandbox/http/http-server.ts";

/**
 * Whether a browser sends this for another site: its page asks, frames or embeds. `Sec-Fetch-Site` calls another port of
 * this machine `same-site`; `none` is an address that was typed or opened from a terminal.
 */
function forAnotherSite({ headers }: HttpRequest, origin: string): boolean {
  if (headers.origin !== undefined && headers.origin !== origin) return true;
  const site = headers["sec-fetch-site"] ?? "none";
  if (site === "none" || site === "same-origin") return false;
  // A link on another page may lead here: what it opens is this page alone in its tab.
  return headers["sec-fetch-mode"] !== "navigate" || headers["sec-fetch-dest"] !== "document";
}

/**
 * The same routes, for the page at `origin` and programs on this machine alone. A page elsewhere that reaches this port
 * by a name of its own (DNS rebinding) sends that name as `Host`.
 */
export function ownPageOnly(origin: string, routes: readonly Route[]): readonly Route[] {
  const { host, port } = new URL(origin);
  return routes.map((route) => ({
    ...route,
    handle(request) {
      // The frame of the phone and the links of the terminal know one name of this machine only.
      if (request.headers.host === `localhost:${port}` && request.method === "GET" && route.path === "/")
        return { status: 302, headers: { location: `${origin}/` } };
      if (request.headers.host !== host)
        throw new HttpError(403, "not-local", `This page is at ${origin}/ only.`);
      if (forAnotherSite(request, origin))
        throw new HttpError(403, "cross-site", "The demo serves no web page but its own.");
      if (route.method === "POST" && request.headers["content-type"] !== "application/json")
        throw new HttpError(415, "type", "The body must be application/json.");
      return route.handle(request);
    },
  }));
}
