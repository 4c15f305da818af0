import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const web = join(import.meta.dirname, "web");

/** The page's files by their path, and what must be in them. */
interface Bundle {
  readonly script: Uint8Array;
  readonly style: Uint8Array;
}

/** Script and style of the page, each of one piece; takes about a second. */
export async function bundled(): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: { client: join(web, "main.ts"), style: join(web, "client.css") },
    outdir: web,
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2024",
    // Loaded where a client encrypts; this one does not, as the bridge reads plain rooms only.
    external: ["./rust-crypto/index.js"],
    logLevel: "silent",
  });
  const file = (name: string): Uint8Array => {
    const found = outputFiles.find(({ path }) => path === join(web, name));
    if (found === undefined) throw new Error(`The bundle has no ${name}`);
    return found.contents;
  };
  return { script: file("client.js"), style: file("style.css") };
}

export const html = (): Buffer => readFileSync(join(web, "index.html"));
export const icon = (): Buffer => readFileSync(join(web, "../../../../src/sandbox/page/web/icon.svg"));

/** Nothing but its own files, the homeserver, and the phones' page in a frame. */
export function policy({
  homeserver,
  phones,
}: {
  readonly homeserver: string;
  readonly phones: readonly string[];
}): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "media-src blob:",
    `connect-src 'self' ${homeserver}`,
    `frame-src ${phones.join(" ")}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
