import { useState } from "preact/hooks";
import { h, type View } from "../../../../page/web/dom.ts";
import type { FaultInForce } from "../../model/wire.ts";
import type { ActLog } from "../link/act-log.ts";
import { Refusal } from "../link/control-api.ts";
import { words } from "../words.ts";

type Fields = Readonly<Record<string, string | number>>;

interface Preset {
  readonly label: string;
  readonly fault: string;
  /** Fields of the rule; `count` is asked for. */
  readonly fields: Fields;
  /** The rule may name the person whose phone is played. */
  readonly personal: boolean;
}

const message = { stanza: "message" };
const presets: readonly Preset[] = [
  { label: words.faults.drop, fault: "drop", fields: { direction: "to_bridge", ...message }, personal: true },
  {
    label: words.faults.dropAcks,
    fault: "drop",
    fields: { direction: "to_bridge", stanza: "ack" },
    personal: true,
  },
  {
    label: words.faults.duplicate,
    fault: "duplicate",
    fields: { direction: "to_bridge", ...message },
    personal: true,
  },
  {
    label: words.faults.delay,
    fault: "delay",
    fields: { direction: "to_bridge", ...message, ms: 5000 },
    personal: true,
  },
  {
    label: words.faults.reorder,
    fault: "reorder",
    fields: { direction: "to_bridge", ...message, ms: 2000 },
    personal: true,
  },
  { label: words.faults.disconnect, fault: "disconnect", fields: message, personal: true },
  { label: words.faults.retry, fault: "retry-receipt", fields: {}, personal: true },
  { label: words.faults.exhausted, fault: "prekeys-exhausted", fields: {}, personal: true },
  { label: words.faults.throttle, fault: "throttle", fields: message, personal: true },
  { label: words.faults.connect, fault: "failure", fields: {}, personal: false },
  { label: words.faults.handshake, fault: "reject-handshake", fields: {}, personal: false },
  { label: words.faults.media, fault: "media-down", fields: {}, personal: false },
  { label: words.faults.http, fault: "http-error", fields: { stanza: "media" }, personal: false },
];

function described({
  fault,
  direction,
  stanza,
  network,
  person,
  user,
  after,
  count,
  ms,
}: FaultInForce): string {
  const way =
    direction === "to_bridge" || direction === "from_bridge" ? words.tools.directions[direction] : undefined;
  const parts = [fault, stanza, way, network, person, user];
  const numbers = [
    after !== undefined && `after ${after}`,
    count !== undefined && `count ${count}`,
    ms !== undefined && `${ms} ms`,
  ];
  return [...parts, ...numbers].filter((part) => part !== undefined && part !== false).join(", ");
}

interface FaultsPanelProps {
  readonly log: ActLog;
  readonly person: string | undefined;
  readonly faults: readonly FaultInForce[];
}

/** Orders faults, shows those in force and how often each has struck, and takes them back. */
export function FaultsPanel({ log, person, faults }: FaultsPanelProps): View {
  const [chosen, setChosen] = useState(0);
  const [count, setCount] = useState(2);
  const [mine, setMine] = useState(true);
  const [trouble, setTrouble] = useState("");
  const preset = presets[chosen] ?? presets[0];
  const tried = async (method: string, path: string, body?: unknown): Promise<void> => {
    try {
      await log.call(method, path, body);
      setTrouble("");
    } catch (cause) {
      setTrouble(cause instanceof Refusal ? cause.message : String(cause));
    }
  };
  const order = (): void => {
    if (preset === undefined) return;
    const whose = preset.personal && mine && person !== undefined ? { person } : {};
    void tried("POST", "/faults", { fault: preset.fault, ...preset.fields, ...whose, count });
  };
  return h(
    "div",
    { class: "stack" },
    h("p", { class: "small muted" }, words.faults.lead),
    h(
      "form",
      {
        class: "stack card",
        onSubmit: (event: Event) => {
          event.preventDefault();
          order();
        },
      },
      h(
        "label",
        null,
        words.faults.what,
        h(
          "select",
          {
            value: chosen,
            onChange: (event: Event) => setChosen(Number((event.currentTarget as HTMLSelectElement).value)),
          },
          presets.map(({ label }, i) => h("option", { value: i }, label)),
        ),
      ),
      h(
        "label",
        null,
        words.faults.times,
        h("input", {
          type: "number",
          min: 1,
          max: 1000,
          value: count,
          onInput: (event: Event) =>
            setCount(Math.max(1, Number((event.currentTarget as HTMLInputElement).value))),
        }),
      ),
      preset?.personal === true &&
        person !== undefined &&
        h(
          "label",
          { class: "choice" },
          h("input", { type: "checkbox", checked: mine, onChange: () => setMine(!mine) }),
          words.faults.mine,
        ),
      trouble !== "" && h("p", { class: "note bad", role: "alert" }, trouble),
      h("button", { class: "primary", type: "submit" }, words.faults.order),
    ),
    h("h3", null, words.faults.inForce),
    faults.length === 0 && h("p", { class: "small muted" }, words.faults.none),
    h(
      "ul",
      { class: "plain" },
      faults.map((fault) =>
        h(
          "li",
          { key: fault.id, class: "setting card" },
          h(
            "div",
            { class: "row-text wraps" },
            h("p", { class: "mono small" }, described(fault)),
            h("p", { class: "small muted" }, words.faults.used(fault.used, fault.seen)),
          ),
          h(
            "button",
            {
              type: "button",
              class: "small",
              "aria-label": `${words.faults.take}: ${described(fault)}`,
              onClick: () => void tried("DELETE", `/faults/${fault.id}`),
            },
            words.faults.take,
          ),
        ),
      ),
    ),
    faults.length > 1 &&
      h("button", { type: "button", onClick: () => void tried("DELETE", "/faults") }, words.faults.takeAll),
  );
}
