import { h, type View } from "../../../page/web/dom.ts";
import { Sheet } from "../../../page/web/sheet.ts";
import type { Group } from "../api/answers.ts";
import { ActButton } from "../parts/act-button.ts";
import { TroubleInSheet } from "../parts/said.ts";
import type { Person } from "../state/person.ts";
import { useSpeech } from "../words/speech.ts";
import { groupPath } from "./group.ts";

/** What leaving a group means, before it is done. */
export function LeaveSheet({
  person,
  group,
  onClose,
}: {
  readonly person: Person;
  readonly group: Group;
  readonly onClose: () => void;
}): View {
  const speech = useSpeech();
  const { groups, page } = speech.words;
  const { name } = group;
  const leave = async (): Promise<void> => {
    const done = await person.does(() => person.api.inTurn("POST", groupPath(group, "leave")));
    if (!done) return;
    onClose();
    person.say("done", speech.fill(groups.left, { name }));
  };
  return h(
    Sheet,
    { title: speech.fill(groups.leaveTitle, { name }), close: page.close, onClose },
    h("p", null, groups.leaveSays),
    h(TroubleInSheet, { person }),
    h(
      "div",
      { class: "acts" },
      h("button", { type: "button", onClick: onClose }, page.cancel),
      h(ActButton, { kind: "danger", act: leave }, groups.leaveYes),
    ),
  );
}
