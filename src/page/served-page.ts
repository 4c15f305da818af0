import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { extname, join } from "node:path";

/** What a browser gets at one of a page's addresses. */
interface ServedFile {
  readonly type: string;
  readonly read: () => Buffer;
}

export interface ServedPage {
  readonly html: Buffer;
  /** The value of its `content-security-policy`. */
  readonly policy: string;
  /** Scripts, style and pictures, by their path below the page's own address, which ends in a slash. */
  readonly files: ReadonlyMap<string, ServedFile>;
}

interface PageSource {
  /** The page itself, a path inside `src`. Its links are relative to its address. */
  readonly html: string;
  /** The folders of what it needs, inside `src`; a file is served under its path there. */
  readonly folders: readonly string[];
  /** What may hold it in a frame, as the policy names that. */
  readonly frames: readonly string[];
}

/** The program: `src`, or where that was packed. */
const root = join(import.meta.dirname, "..");

const libraries = { preact: "lib/preact.mjs", "preact/hooks": "lib/hooks.mjs" };

const types: Readonly<Record<string, string>> = {
  ".ts": "text/javascript; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The names by which the modules import the library. */
const importMap = JSON.stringify({
  imports: Object.fromEntries(Object.entries(libraries).map(([name, path]) => [name, `./${path}`])),
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
    `frame-ancestors ${frames.length === 0 ? "'none'" : frames.join(" ")}`,
  ].join("; ");
}

/** A file as the browser gets it: TypeScript without its types, under the same name and with the same lines. */
function served(file: string): ServedFile {
  const extension = extname(file);
  return {
    type: types[extension] ?? "application/octet-stream",
    read() {
      const source = readFileSync(file, "utf8");
      return Buffer.from(extension === ".ts" ? stripTypeScriptTypes(source) : source);
    },
  };
}

/** A page with its scripts and style, as they stand in the sources or as they were packed. */
export function servedPage({ html, folders, frames }: PageSource): ServedPage {
  const names = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => extname(name) in types)
      .map((name) => `${folder}/${name}`),
  );
  const here = createRequire(import.meta.url);
  return {
    html: Buffer.from(
      readFileSync(join(root, html), "utf8").replace(
        "<!-- import map -->",
        () => `<script type="importmap">${importMap}</script>`,
      ),
    ),
    policy: policy(frames),
    files: new Map([
      ...names.map((name) => [name, served(join(root, name))] as const),
      ...Object.entries(libraries).map(([name, path]) => [path, served(here.resolve(name))] as const),
    ]),
  };
}
