import { HttpError } from "../http/http-error.ts";
import type { HttpRequest, Route } from "../http/http-server.ts";

const loopback = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const localHost = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i;

/** Whether a browser sends this for a page of somebody else. `null` is the origin of a page without one. */
function forAnotherPage({ headers }: HttpRequest, linked: boolean): boolean {
  const { origin, host } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return true;
  const site = headers["sec-fetch-site"] ?? "none";
  if (site === "none" || site === "same-origin") return false;
  return !(linked && headers["sec-fetch-mode"] === "navigate");
}

/**
 * The same routes, for callers on this machine whose `Host` is a loopback name (else a web page could call them by a name
 * of its own that leads here), and for no web page but the sandbox's.
 * @param linked another page may have a link to these routes.
 */
export function loopbackOnly(routes: readonly Route[], linked = false): readonly Route[] {
  return routes.map((route) => ({
    ...route,
    handle(request) {
      const near = loopback.test(request.remote ?? "") && localHost.test(request.headers.host ?? "");
      if (!near) throw new HttpError(403, "not-local", "The control API serves this machine only.");
      if (forAnotherPage(request, linked)) {
        throw new HttpError(403, "cross-site", "The control API serves no web page but the sandbox's own.");
      }
      return route.handle(request);
    },
  }));
}
