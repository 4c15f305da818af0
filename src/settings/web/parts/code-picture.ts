import { useEffect, useMemo } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";

/** A code to scan, large. @param png in base64. */
export function CodePicture({ png, label }: { readonly png: string; readonly label: string }): View {
  const address = useMemo(() => {
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    return URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  }, [png]);
  // Withdrawn once another is shown, or none.
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return h("img", { class: "code", src: address, alt: label });
}
