import type { UserId } from "../../src/core/model/ids.ts";
import { kindNames, kinds } from "../kit/fake-homeserver-kinds.ts";
import { FakeHomeserverWorld } from "../kit/fake-homeserver-world.ts";
import { MemoryHomeserver } from "../kit/memory-homeserver.ts";
import { MemoryPerson } from "../kit/memory-person.ts";
import { MemoryPuppets } from "../kit/memory-puppets.ts";
import { homeserverContract } from "./homeserver-suite.ts";

for (const kind of kindNames) {
  homeserverContract(`ours, on a fake server like ${kind}`, () =>
    FakeHomeserverWorld.start({ kind: kinds[kind] }),
  );
}
homeserverContract("the one of flow tests, in memory", async () => {
  const homeserver = new MemoryHomeserver();
  const puppets = new MemoryPuppets(homeserver);
  puppets.there = true;
  return {
    homeserver,
    puppets,
    deactivate: (user, erase) => homeserver.deactivate(user, erase),
    lock: (user) => homeserver.closed.set(user, "locked"),
    person: (localpart) => new MemoryPerson(homeserver, `@${localpart}:test` as UserId),
    async [Symbol.asyncDispose]() {},
  };
});
