import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { extname, join } from "node:path";
import type { HttpAnswer, Route } from "../http/http-server.ts";

const base = "/phone/";
const folders = ["web", "model"];
const libraries = { preact: "lib/preact.mjs", "preact/hooks": "lib/hooks.mjs" };

const types: Readonly<Record<string, string>> = {
  ".ts": "text/javascript; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** A file as the browser gets it: TypeScript without its types, under the same name and with the same lines. */
function served(file: string): HttpAnswer {
  const extension = extname(file);
  const source = readFileSync(file, "utf8");
  const code = extension === ".ts" ? stripTypeScriptTypes(source) : source;
  const type = types[extension] ?? "application/octet-stream";
  return { status: 200, bytes: Buffer.from(code), type, headers: { "cache-control": "no-cache" } };
}

/** The names by which the modules import the library. */
const importMap = JSON.stringify({
  imports: Object.fromEntries(Object.entries(libraries).map(([name, path]) => [name, base + path])),
});

function policy(frames: readonly string[]): string {
  const hash = createHash("sha256").update(importMap).digest("base64");
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self' blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${["'self'", ...frames].join(" ")}`,
  ].join("; ");
}

/** The page on which one plays a phone, its scripts and its style. @param frames origins that may hold it in a frame. */
export function pageRoutes(frames: readonly string[]): readonly Route[] {
  const here = import.meta.dirname;
  const files = folders.flatMap((folder) =>
    readdirSync(join(here, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => extname(name) in types)
      .map((name) => [`${folder}/${name}`, join(here, folder, name)] as const),
  );
  const library = Object.entries(libraries).map(
    ([name, path]) => [path, createRequire(import.meta.url).resolve(name)] as const,
  );
  const html = readFileSync(join(here, "web", "index.html"), "utf8").replace(
    "<!-- import map -->",
    () => `<script type="importmap">${importMap}</script>`,
  );
  const page: HttpAnswer = {
    status: 200,
    bytes: Buffer.from(html),
    type: "text/html; charset=utf-8",
    headers: { "content-security-policy": policy(frames), "cache-control": "no-cache" },
  };
  const elsewhere: HttpAnswer = { status: 302, headers: { location: base } };
  return [
    { method: "GET", path: "/", handle: () => elsewhere },
    { method: "GET", path: "/phone", handle: () => elsewhere },
    { method: "GET", path: base, handle: () => page },
    ...[...files, ...library].map(
      ([path, file]): Route => ({ method: "GET", path: base + path, handle: () => served(file) }),
    ),
  ];
}
