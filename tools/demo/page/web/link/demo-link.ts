import type { DemoLogin, DemoView, PartName } from "../../model/demo-state.ts";

async function asked<T>(path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    cache: "no-store",
    ...(body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer as T;
  const { error } = answer as { readonly error?: { readonly words: string } };
  throw new Error(error?.words ?? String(response.status));
}

/** A session of one of the demo's people; rejects with words where there is none to be had now. */
export const logIn = (user: string): Promise<DemoLogin> => asked("/session", { user });

export const turnPart = (part: PartName, act: "kill" | "start"): Promise<unknown> =>
  asked(`/parts/${part}/${act}`, {});

/** Milliseconds between two looks: short while something is about to change. */
const soon = 700;
const later = 2500;

/** Looks at the demo again and again until it is closed; tells undefined when its server does not answer. */
export class DemoLink {
  readonly #tell: (view: DemoView | undefined) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(tell: (view: DemoView | undefined) => void) {
    this.#tell = tell;
    void this.#look();
  }

  /** Looks at once, as something was done. */
  look(): void {
    clearTimeout(this.#timer);
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    let view: DemoView | undefined;
    try {
      view = await asked<DemoView>("/state");
    } catch {
      view = undefined;
    }
    if (this.#closed) return;
    this.#tell(view);
    clearTimeout(this.#timer);
    const settled = view?.ready === true && Object.values(view.parts).every((state) => state === "up");
    this.#timer = setTimeout(() => void this.#look(), settled ? later : soon);
  }
}
