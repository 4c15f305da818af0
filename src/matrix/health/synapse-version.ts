const NEEDED = [1, 141] as const;

/** Whether a version such as `1.98.0 (b=x,abc)` or `1.141.0rc1` is older than the bridge needs. */
export function isOldSynapse(version: string): boolean {
  const match = /^(\d+)\.(\d+)/.exec(version);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
}
