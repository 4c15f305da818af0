import { useEffect, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";

/** A code to scan, large. @param png in base64. */
export function CodePicture({ png, label }: { readonly png: string; readonly label: string }): View {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    const made = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [png]);
  return h("img", { class: "code", src: address, alt: label });
}
