import { spawnSync } from "node:child_process";

const advice =
  "Synapse needs Python 3.11 or newer with its venv module. On Debian or Ubuntu: apt-get install python3-venv";

/** A Python that can make virtual environments. Throws with what to install when there is none. */
export function findPython(): string {
  const check = "import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 11) else 1)";
  const found = ["python3", "python3.11", "python3.12", "python3.13"].find(
    (name) => spawnSync(name, ["-c", check], { stdio: "ignore" }).status === 0,
  );
  if (found === undefined) throw new Error(advice);
  return found;
}
