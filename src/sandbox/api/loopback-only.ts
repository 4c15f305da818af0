import { HttpError } from "../http/http-error.ts";
import type { Route } from "../http/http-server.ts";

const loopback = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const localHost = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i;

/** The same routes, for callers on this machine whose `Host` is a loopback name, so that no web page can call them. */
export function loopbackOnly(routes: readonly Route[]): readonly Route[] {
  return routes.map((route) => ({
    ...route,
    handle(request) {
      const near = loopback.test(request.remote ?? "") && localHost.test(request.headers.host ?? "");
      if (!near) throw new HttpError(403, "not-local", "The control API serves this machine only.");
      return route.handle(request);
    },
  }));
}
