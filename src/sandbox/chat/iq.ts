import { type Node, node } from "../../networks/meta-interop/wire/node.ts";
import type { StanzaContext } from "./stanza-context.ts";

export type IqHandler = (context: StanzaContext, stanza: Node) => Promise<void> | void;

/** `<iq type="result">`. */
export function answer({ session }: StanzaContext, { attrs }: Node, content: readonly Node[] = []): void {
  session.send(node("iq", { id: attrs["id"], type: "result", from: attrs["to"] }, content));
}

/** `<iq type="error"><error code text/></iq>`. */
export function refuse({ session }: StanzaContext, { attrs }: Node, code: string, text: string): void {
  session.send(
    node("iq", { id: attrs["id"], type: "error", from: attrs["to"] }, [node("error", { code, text })]),
  );
}
