import { useEffect, useState } from "preact/hooks";
import { h, type View } from "./dom.ts";

/**
 * Shows what was chosen at once, and what holds as soon as that is known. `act` answers whether that is still to come:
 * false where it was not done, or where what holds is known by then.
 */
export function useChoice<T>(
  holds: T,
  act: (wanted: T) => Promise<boolean>,
): readonly [T, (wanted: T) => void] {
  const [chosen, setChosen] = useState<{ readonly wanted: T } | undefined>();
  useEffect(() => setChosen(undefined), [holds]);
  const choose = (wanted: T): void => {
    const mine = { wanted };
    setChosen(mine);
    // Whoever chose something else meanwhile waits for that.
    void act(wanted).then((comes) => comes || setChosen((now) => (now === mine ? undefined : now)));
  };
  return [chosen === undefined ? holds : chosen.wanted, choose];
}

interface SwitchProps {
  readonly label: string;
  readonly hint?: string;
  readonly on: boolean;
  readonly act: (on: boolean) => Promise<boolean>;
}

export function Switch({ label, hint, on, act }: SwitchProps): View {
  const [shown, choose] = useChoice(on, act);
  return h(
    "div",
    { class: "setting" },
    h(
      "div",
      { class: "row-text" },
      h("h3", null, label),
      hint !== undefined && h("p", { class: "small muted" }, hint),
    ),
    h(
      "button",
      {
        class: "switch",
        type: "button",
        role: "switch",
        "aria-checked": shown,
        "aria-label": label,
        onClick: () => choose(!shown),
      },
      h("span", null),
    ),
  );
}
