import { useEffect, useState } from "preact/hooks";
import { call } from "./control-api.ts";

/** Who serves this page: the sandbox, or the mock of Signal, which has no wire and other faults. */
export type ServedBy = "sandbox" | "signal";

/** Undefined until it is known. */
export function useServedBy(): ServedBy | undefined {
  const [by, setBy] = useState<ServedBy>();
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const { network } = await call<{ readonly network?: string }>("GET", "");
        if (!over) setBy(network === "signal" ? "signal" : "sandbox");
      } catch {
        if (!over) timer = setTimeout(() => void ask(), 2000);
      }
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return by;
}
