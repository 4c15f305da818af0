import { execFileSync } from "node:child_process";
import { refused } from "./refused.ts";

/** An account of this machine. */
export interface Account {
  /** As people write it: its name, or its number where it has none. */
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The account with this name or number. Throws BridgeError with words where there is none of this name. */
export function accountNamed(text: string): Account {
  const [uid, gid] = [idOf("-u", text), idOf("-g", text)];
  if (uid !== undefined && gid !== undefined) return { name: text, uid, gid };
  if (/^\d{1,9}$/.test(text)) return { name: text, uid: Number(text), gid: Number(text) };
  throw refused(
    `There is no user “${text}” on this machine. Give the user Synapse runs as (“ps -eo user,args | grep synapse” shows it), or container, playbook or elsewhere.`,
  );
}

export function ownAccount(): Account {
  const [uid = 0, gid = 0] = [process.geteuid?.(), process.getegid?.()];
  return { name: nameOf(uid), uid, gid };
}

/** The name of an account by its number; the number where it has none. */
export function nameOf(uid: number): string {
  return answerOf("id", ["-nu", String(uid)]) ?? String(uid);
}

function idOf(option: "-u" | "-g", text: string): number | undefined {
  const answer = answerOf("id", [option, "--", text]);
  return answer === undefined ? undefined : Number(answer);
}

function answerOf(program: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}
