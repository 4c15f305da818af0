import { useEffect, useState } from "preact/hooks";

/** The page that holds this one in a frame; the policy of this page says which pages may. */
const framing = window.parent === window ? undefined : window.parent;

/** Tells the framing page how many messages wait to be read, and with that that the phone's page is there. */
export function useTellUnread(unread: number): void {
  useEffect(() => framing?.postMessage({ kind: "phone", unread }, "*"), [unread]);
}

/** Whether the framing page has the phone on screen, as far as it says so. */
export function useSeen(): boolean {
  const [seen, setSeen] = useState(true);
  useEffect(() => {
    const hear = ({ source, data }: MessageEvent): void => {
      if (framing === undefined || source !== framing) return;
      const { kind, seen: told } = data as { readonly kind?: unknown; readonly seen?: unknown };
      if (kind === "seen" && typeof told === "boolean") setSeen(told);
    };
    addEventListener("message", hear);
    return () => removeEventListener("message", hear);
  }, []);
  return seen;
}
