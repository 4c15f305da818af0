import { cpSync } from "node:fs";
import { join, relative } from "node:path";
import { type LockedPackages, machines } from "./lock-file.ts";

const machine = `${machines.os[0]}-(?:${machines.cpu.join("|")})`;

/** What nothing reads at run time: types, source maps, native sources, and what packages say of themselves. */
const IDLE =
  /\.(?:[cm]?ts|tsx|map|flow|cc|cpp|[ch]|gypi?|markdown|tgz)$|(?:^|\/)(?:readme|changelog|history)[^/]*$|(?:^|\/)(?:\.github|\.vscode|__tests__|benchmarks?)(?:\/|$)/i;

const databaseIdle = new RegExp(`^(?:deps|src)(?:/|$)|^prebuilds/(?!${machine}\\.node$)`);

/** Other machines' binaries, and sources the binaries were made from; by package, paths inside it. */
const IDLE_IN: Readonly<Record<string, RegExp>> = {
  "@signalapp/libsignal-client": new RegExp(`^prebuilds/(?!${machine}(?:/|$))`),
  "better-sqlite3": databaseIdle,
  "better-sqlite3-multiple-ciphers": databaseIdle,
  // Avatars are drawn with one of its fonts.
  "dejavu-fonts-ttf": /^ttf\/(?!DejaVuSans-Bold\.ttf$)/,
  moment: /^(?:min|src|locale|dist\/locale)(?:\/|$)/,
  dayjs: /^(?:esm|locale)(?:\/|$)/,
  zod: /^src(?:\/|$)/,
};

/** Copies the packages of `everywhere` to a node_modules folder, without what nothing reads at run time. */
export function copyDependencies(root: string, { everywhere }: LockedPackages, target: string): void {
  for (const { place, folder } of everywhere) {
    if (place.startsWith("@types/")) continue;
    const from = join(root, folder);
    const idleHere = IDLE_IN[place];
    cpSync(from, join(target, place), {
      recursive: true,
      dereference: true,
      filter: (path) => {
        const inside = relative(from, path);
        // A package inside a package has an entry of its own.
        if (/^node_modules(?:\/|$)/.test(inside)) return false;
        return !IDLE.test(inside) && idleHere?.test(inside) !== true;
      },
    });
  }
}
