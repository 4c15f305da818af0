import { type Node, node } from "../../networks/meta-interop/wire/node.ts";
import type { NetworkState } from "../state/network-states.ts";

/** `<features>` with its `<limits>`, as `<success>` and a notification carry it. */
export function featureStanza({ features, limits }: NetworkState): Node {
  const flags = Object.fromEntries(Object.entries(features).map(([name, on]) => [name, String(on)]));
  const { text, caption, edit_window, delete_window, group_size, media } = limits;
  const values = {
    text: String(text),
    caption: String(caption),
    edit_window: String(edit_window),
    delete_window: String(delete_window),
    group_size: String(group_size),
  };
  const kinds = Object.entries(media).map(([kind, { size, mimetypes }]) =>
    node("media", { kind, size: String(size), mimetypes: mimetypes.join(" ") }),
  );
  return node("features", flags, [node("limits", values, kinds)]);
}
