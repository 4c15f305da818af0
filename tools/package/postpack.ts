/** Run by `npm pack` after it packed: leaves the folder as it was. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { restoreManifest } from "./manifest.ts";

const root = join(import.meta.dirname, "../..");
restoreManifest(root);
rmSync(join(root, "dist"), { recursive: true, force: true });
