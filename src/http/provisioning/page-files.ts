import { servedPage } from "../../page/served-page.ts";
import type { ServedRequest } from "../listener.ts";
import type { WholeReply } from "./answering.ts";

const BASE = "/settings/";

/** Nothing of what is served here is anybody's; what is, the page asks for with its person's token. */
const HEADERS = {
  "cache-control": "no-cache",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
} as const;

/** The settings page's own files. @param frames origins that may hold it in a frame. */
export function pageFiles(frames: readonly string[]) {
  const { html, policy, files } = servedPage({
    html: "settings/web/index.html",
    folders: ["page/web", "settings/web"],
    frames,
  });
  // Beside the policy, for browsers that heed only one of both.
  const framed = frames.length === 0 ? { "x-frame-options": "DENY" } : {};
  const headers = { ...HEADERS, ...framed, "content-security-policy": policy };
  const known = (path: string) => {
    if (path === BASE) return { type: "text/html; charset=utf-8", read: () => html };
    return path.startsWith(BASE) ? files.get(path.slice(BASE.length)) : undefined;
  };
  return {
    /** The answer where the request is for the page; undefined where it is for something else. */
    answer({ method, path }: Pick<ServedRequest, "method" | "path">): WholeReply | undefined {
      const isElsewhere = path === BASE.slice(0, -1);
      const file = known(path);
      if (!isElsewhere && !file) return undefined;
      if (method !== "GET" && method !== "HEAD")
        return { status: 405, headers: { ...headers, allow: "GET, HEAD" }, body: "" };
      // Relative, as a proxy may serve it below a path of its own.
      if (!file) return { status: 308, headers: { ...headers, location: "settings/" }, body: "" };
      return { status: 200, headers: { ...headers, "content-type": file.type }, body: file.read() };
    },
  };
}
