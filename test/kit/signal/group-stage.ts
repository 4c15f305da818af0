import { beforeAll } from "@jest/globals";
import type { RemoteEvent } from "../../../src/core/model/events.ts";
import type { ChatId } from "../../../src/core/model/ids.ts";
import type { GroupState } from "../../../src/networks/signal/group-records.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import type { PlayedGroup } from "../../../tools/signal-mock/played-group.ts";
import { signalStage } from "./stage.ts";

export const chatOfGroup = ({ id }: Pick<PlayedGroup, "id">): ChatId => `group.${id}` as ChatId;

/** A linked login, Wim and Cas, who make groups with our person in them. */
export function groupStage() {
  const stage = signalStage();
  let cas: Person | undefined;
  beforeAll(async () => {
    cas = await stage.world.mock.person("Cas");
  });
  const other = (): Person => {
    if (!cas) throw new Error("the stage was not set");
    return cas;
  };
  return {
    stage,
    get cas() {
      return other();
    },
    /** A group of Wim's with our person and Cas, which nobody was told of. */
    group: (title: string): Promise<PlayedGroup> =>
      stage.world.mock.createGroup(title, stage.wim, stage.phone, other()),
    /** As {@link group}, in which Wim has written, so that it is known here. */
    async knownGroup(title: string): Promise<PlayedGroup> {
      const played = await stage.world.mock.createGroup(title, stage.wim, stage.phone, other());
      const { timestamp } = await played.says(stage.wim, `${title} begins`);
      await stage.event("message", timestamp);
      return played;
    },
    eventsIn: (played: PlayedGroup): readonly RemoteEvent[] =>
      stage.session.sink.events.filter(({ chat }) => chat === chatOfGroup(played)),
    async stateOf(played: PlayedGroup): Promise<GroupState | undefined> {
      const { store } = stage.world;
      return (await store.family(signalFamily).group(stage.session.login.id, chatOfGroup(played)))?.state;
    },
    /** What was sent before this has been taken, or left out: what comes after it in any chat is there. */
    async settled(): Promise<void> {
      const { timestamp } = await stage.wim.says(stage.phone, "settled");
      await stage.event("message", timestamp);
    },
  };
}
