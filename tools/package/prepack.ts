/** Run by `npm pack` before it packs: makes dist/ with the program and what it needs, and the package's package.json. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { compile } from "./compile.ts";
import { copyDependencies } from "./copy-dependencies.ts";
import { lockedPackages } from "./lock-file.ts";
import { putManifest, restoreManifest } from "./manifest.ts";

const root = join(import.meta.dirname, "../..");
const dist = join(root, "dist");

// An earlier packing may have been cut off.
restoreManifest(root);
rmSync(dist, { recursive: true, force: true });
const locked = lockedPackages(join(root, "package-lock.json"));
compile(join(root, "src"), dist);
copyDependencies(root, locked, join(dist, "node_modules"));
putManifest(root, locked);
