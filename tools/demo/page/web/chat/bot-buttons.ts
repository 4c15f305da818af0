import type { MatrixEvent, Room } from "matrix-js-sdk";
import { h, type View } from "../../../../../src/page/web/dom.ts";
import { commandsIn, type NamedCommand } from "../../model/bot-commands.ts";
import { words } from "../words.ts";
import { isOwn, isShown } from "./shown-events.ts";
import { bodyOf } from "./summary.ts";

/** The commands of what the bot has said since one wrote last. */
export function commandsNow(room: Room, me: string): readonly NamedCommand[] {
  const events = room.getLiveTimeline().getEvents().filter(isShown);
  const own = events.findLastIndex((event) => isOwn(event, me));
  const said = events.slice(own + 1).filter((event: MatrixEvent) => !event.isRedacted());
  const asked = events[own];
  return commandsIn(said.map(bodyOf).join("\n"), asked && bodyOf(asked));
}

interface BotButtonsProps {
  readonly commands: readonly NamedCommand[];
  readonly onWhole: (text: string) => void;
  readonly onBegun: (text: string) => void;
}

/** What the bot asks for, as buttons that write it; where something is to be filled in, they begin it. */
export function BotButtons({ commands, onWhole, onBegun }: BotButtonsProps): View {
  return h(
    "div",
    { class: "commands", role: "group", "aria-label": words.chat.botAsks },
    commands.map(({ text, whole }) =>
      h(
        "button",
        { key: text, type: "button", class: "small", onClick: () => (whole ? onWhole : onBegun)(text) },
        whole ? text : `${text}…`,
      ),
    ),
  );
}
