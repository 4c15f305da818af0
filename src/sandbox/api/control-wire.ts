import { children, type Node } from "../../networks/meta-interop/wire/node.ts";
import { decodeStanza } from "../../networks/meta-interop/wire/stanza-decode.ts";
import type { Faults } from "../faults/faults.ts";
import type { Route } from "../http/http-server.ts";
import type { WireLine } from "../page/model/wire.ts";
import type { WireEntry, WireLog } from "../state/wire-log.ts";
import { eventText, liveEvents } from "./event-stream.ts";

const told = ["type", "class", "xmlns", "error", "reason", "count"];

/** The attributes that tell stanzas of a kind apart, and the tags inside; never what is in them. */
function detailOf(stanza: Node): string {
  const attributes = told.flatMap((name) => stanza.attrs[name] ?? []);
  const inner = children(stanza).map((one) =>
    one.attrs["type"] === undefined ? one.tag : `${one.tag} ${one.attrs["type"]}`,
  );
  return [...attributes, ...inner.slice(0, 6)].join(" ");
}

function read(bytes: Uint8Array | undefined): Node | undefined {
  if (bytes === undefined) return undefined;
  try {
    return decodeStanza(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

function lineOf({ seq, at, network, user, direction, bytes, size, stanza, fault }: WireEntry): WireLine {
  const node = read(bytes);
  const { id, from, to } = node?.attrs ?? {};
  return {
    seq,
    at,
    network,
    user: user ?? null,
    direction,
    stanza: stanza ?? node?.tag ?? "unreadable",
    detail: node === undefined ? "" : detailOf(node),
    id: id ?? null,
    peer: from ?? to ?? null,
    size: size ?? null,
    fault: fault ?? null,
  };
}

/** What goes over the wire, and the faults in force: `GET …/wire`, and both live at `GET …/wire/events`. */
export function wireRoutes(base: string, wire: WireLog, faults: Faults): readonly Route[] {
  return [
    {
      method: "GET",
      path: `${base}/wire`,
      handle: () => ({ status: 200, body: { wire: wire.after(0).map(lineOf) } }),
    },
    {
      method: "GET",
      path: `${base}/wire/events`,
      handle({ signal }) {
        let since = 0;
        let last = "";
        const next = (): string => {
          const lines = wire.after(since);
          since = lines.at(-1)?.seq ?? since;
          const rules = eventText("faults", faults.list());
          const news = rules === last ? "" : rules;
          last = rules;
          return news + (lines.length === 0 ? "" : eventText("wire", lines.map(lineOf)));
        };
        return { status: 200, events: liveEvents((listener) => wire.subscribe(listener), signal, next) };
      },
    },
  ];
}
