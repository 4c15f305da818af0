import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";

/** A file of the program named by another: in an import, or as the address of a worker. */
const NAMED = /(\b(?:from|import)\s*\(?\s*|\bnew URL\(\s*)"([^":]+)\.ts"/g;
/** A page's script; its address is the server's. */
const SCRIPT = /(<script [^>]*\bsrc="[^":]+)\.ts"/g;

/**
 * Writes the program as JavaScript, as Node runs no TypeScript under node_modules. Types become blanks, so that a line
 * and column in an error's stack are those of the source. Whatever is not TypeScript is copied.
 */
export function compile(sources: string, target: string): void {
  for (const name of globSync("**/*", { cwd: sources, exclude: ["**/proto"] })) {
    const from = join(sources, name);
    const to = join(target, name);
    if (statSync(from).isDirectory() || /\.d\.ts$|\.md$|(?:^|\/)tsconfig\.json$/.test(name)) continue;
    mkdirSync(dirname(to), { recursive: true });
    if (name.endsWith(".ts")) writeFileSync(to.replace(/\.ts$/, ".js"), javaScript(from));
    else if (name.endsWith(".html"))
      writeFileSync(to, readFileSync(from, "utf8").replaceAll(SCRIPT, '$1.js"'));
    else copyFileSync(from, to);
  }
}

function javaScript(file: string): string {
  const renamed = readFileSync(file, "utf8").replaceAll(NAMED, (_, before: string, name: string) => {
    if (!existsSync(join(dirname(file), `${name}.ts`)))
      throw new Error(`${file} names ${name}.ts, which is not there.`);
    return `${before}"${name}.js"`;
  });
  return stripTypeScriptTypes(renamed);
}
