/** An account that owns nothing. */
export const NOBODY = { name: "nobody", uid: 65_534, gid: 65_534 };

export const isRoot = process.getuid?.() === 0;

/** Does something as that account; who may not become it does it as they are. */
export function asNobody<T>(act: () => T): T {
  if (!isRoot) return act();
  process.seteuid?.(NOBODY.uid);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}
