import { afterAll, beforeAll } from "@jest/globals";
import type { RemoteEvent } from "../../../src/core/model/events.ts";
import type { Clock } from "../../../src/core/ports/clock.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { realClock } from "../fake-homeserver-world.ts";
import { LinkingWorld } from "./linking.ts";
import { SignalSession } from "./signal-session.ts";

type Kind = RemoteEvent["kind"];

/** A linked login and a contact, for the tests of a file; `numbered`: whether our person's account has a number. */
export function signalStage(clock: Clock = realClock, { numbered = true } = {}) {
  let world: LinkingWorld | undefined;
  let session: SignalSession | undefined;
  let wim: Person | undefined;
  beforeAll(async () => {
    world = await LinkingWorld.start({ clock });
    if (!numbered) await world.mock.personWithoutNumber("Ana");
    session = await SignalSession.start(world);
    wim = await world.mock.person("Wim");
  }, 30_000);
  afterAll(async () => {
    await session?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });
  const given = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error("the stage was not set");
    return value;
  };
  return {
    get world() {
      return given(world);
    },
    get session() {
      return given(session);
    },
    /** Our person's phone. */
    get phone() {
      return given(session).phone;
    },
    get wim() {
      return given(wim);
    },
    /** The first event of that kind, and with that time in its id where one is given. */
    event<K extends Kind>(kind: K, timestamp?: number): Promise<Extract<RemoteEvent, { kind: K }>> {
      const { sink } = given(session);
      const isIt = (event: RemoteEvent): event is Extract<RemoteEvent, { kind: K }> =>
        event.kind === kind && (timestamp === undefined || event.id.endsWith(`/${timestamp}`));
      return sink.until(`a ${kind}`, () => sink.events.find(isIt));
    },
  };
}
