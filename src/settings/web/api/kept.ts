/** What the browser keeps for the page; in a frame it may refuse to, and then nothing outlives the page. */

type Store = "localStorage" | "sessionStorage";

const memory = new Map<string, string>();

export function kept(store: Store, name: string): string | null {
  try {
    return window[store].getItem(name);
  } catch {
    return memory.get(name) ?? null;
  }
}

export function keep(store: Store, name: string, value: string): void {
  try {
    window[store].setItem(name, value);
  } catch {
    memory.set(name, value);
  }
}

export function forget(store: Store, name: string): void {
  memory.delete(name);
  try {
    window[store].removeItem(name);
  } catch {
    // It was never kept there.
  }
}
