import { servedPage } from "../../page/served-page.ts";
import type { HttpAnswer, Route } from "../http/http-server.ts";

const base = "/phone/";

/** The page on which one plays a phone, its scripts and its style. @param frames origins that may hold it in a frame. */
export function pageRoutes(frames: readonly string[]): readonly Route[] {
  const { html, policy, files } = servedPage({
    html: "sandbox/page/web/index.html",
    folders: ["page/web", "sandbox/page/web", "sandbox/page/model"],
    frames: ["'self'", ...frames],
  });
  const page: HttpAnswer = {
    status: 200,
    bytes: html,
    type: "text/html; charset=utf-8",
    headers: { "content-security-policy": policy, "cache-control": "no-cache" },
  };
  const elsewhere: HttpAnswer = { status: 302, headers: { location: base } };
  return [
    { method: "GET", path: "/", handle: () => elsewhere },
    { method: "GET", path: "/phone", handle: () => elsewhere },
    { method: "GET", path: base, handle: () => page },
    ...Array.from(
      files,
      ([path, { type, read }]): Route => ({
        method: "GET",
        path: base + path,
        handle: () => ({ status: 200, bytes: read(), type, headers: { "cache-control": "no-cache" } }),
      }),
    ),
  ];
}
