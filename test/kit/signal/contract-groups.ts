import type { LoginId } from "../../../src/core/model/ids.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { GroupCipher } from "../../../src/networks/signal/groups/group-cipher.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import type { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";
import type { StageGroups } from "../../contract/network-groups.ts";
import { chatOfGroup } from "./group-stage.ts";
import { personIdOf } from "./signal-session.ts";

interface MockGroupsParts {
  readonly mock: SignalMock;
  readonly own: Person;
  readonly wim: Person;
  readonly cas: Person;
  readonly store: Store;
  /** The time of a message that a test calls so. */
  readonly timeOf: (called: string) => number;
}

const LOGIN = "login-a" as LoginId;

/**
 * Groups on the mock server, in which everybody is an admin who is not made none. Of what our person changes the mock
 * itself carries out the name, who leaves or is put out, and invitations; roles, and who is added, the played server
 * carries out on it (tools/signal-mock/obeyed-changes.ts), as the mock takes and ignores them.
 */
export function mockGroups({ mock, own, wim, cas, store, timeOf }: MockGroupsParts): StageGroups {
  return {
    contact: personIdOf(wim),
    third: personIdOf(cas),
    maker: "admin",
    async begins(_, name) {
      // By what they write, their profile's key is known: then they can be put into a group of ours.
      await cas.says(own, "hello");
      const played = await mock.createGroup(name, wim, own, cas);
      await played.makesAdmin(wim, own, false, { tells: [] });
      await played.makesAdmin(wim, cas, false, { tells: [] });
      await played.says(wim, `${name} begins`);
      return chatOfGroup(played);
    },
    async says(chat, text, id) {
      const played = Array.from(mock.groups.values()).find((one) => chatOfGroup(one) === chat);
      await played?.says(wim, text, { timestamp: timeOf(id) });
    },
    async bothShow(_, text) {
      await Promise.all([wim.hears(text), cas.hears(text)]);
    },
    async state(chat) {
      const { masterKey } = (await store.family(signalFamily).group(LOGIN, chat)) ?? {};
      const cipher = masterKey && GroupCipher.of(masterKey);
      const group = cipher && (await mock.server.getGroup(cipher.publicParams));
      if (!group) throw new Error("the server does not have the group");
      const title = cipher.blob(group.state.title ?? new Uint8Array());
      return {
        name: title?.case === "title" ? title.value : "",
        members: group.state.members?.length ?? 0,
      };
    },
    // The mock checks proofs, versions and who is an admin, and refuses at once what is against them.
    breaches: () => Promise.resolve([]),
  };
}
