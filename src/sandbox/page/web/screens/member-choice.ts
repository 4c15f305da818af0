import { h, type View } from "../../../../page/web/dom.ts";
import { words } from "../words.ts";
import type { candidates } from "./group-rights.ts";

interface MemberChoiceProps {
  readonly all: ReturnType<typeof candidates>;
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Who is to come into a group. */
export function MemberChoice({ all, chosen, onChange }: MemberChoiceProps): View {
  if (all.length === 0) return h("p", { class: "empty muted" }, words.group.nobody);
  const turn = (id: string): void =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return h(
    "fieldset",
    null,
    h("legend", null, words.group.choose),
    all.map(({ id, name, about }) =>
      h(
        "label",
        { class: "choice", key: id },
        h("input", { type: "checkbox", checked: chosen.includes(id), onChange: () => turn(id) }),
        h("span", null, name, h("br", null), h("span", { class: "small muted" }, about)),
      ),
    ),
  );
}
