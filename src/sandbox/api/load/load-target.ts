import { isGroup } from "../../../networks/meta-interop/wire/groups.ts";
import type { NetworkName } from "../../config.ts";
import type { GroupRow } from "../../groups/group-table.ts";
import type { Groups } from "../../groups/groups.ts";
import { bringIn } from "../../groups/join-group.ts";
import { postToGroup, sealForGroup } from "../../groups/phone-send.ts";
import { HttpError } from "../../http/http-error.ts";
import type { Person } from "../../phone/person.ts";
import { type Draft, postSealed, sealAhead } from "../../phone/person-send.ts";
import type { Account } from "../../state/accounts.ts";

/** Where the people of a load run write. */
export interface LoadTarget {
  /** The user at whom messages are counted. */
  readonly account: Account;
  /** Makes the people ready to write; rejects where they cannot. */
  prepare(people: readonly Person[]): Promise<void>;
  /** Encrypts in the person's lane. `post` is to be called inside a commit. */
  seal(person: Person, drafts: readonly Draft[], load: number): Promise<{ readonly post: () => void }>;
  wake(): void;
}

/** The user or group that a load run names; throws where there is none. */
export function loadTarget(groups: Groups, network: NetworkName, to: string): LoadTarget {
  if (isGroup(to)) return groupTarget(groups, network, to);
  const { accounts, wake } = groups.parts;
  const account = accounts.resolve(network, to);
  if (account === undefined)
    throw new HttpError(404, "no-such-user", "Nobody with this visible id is enlisted here.");
  return {
    account,
    prepare: async () => undefined,
    async seal(person, drafts, load) {
      const sealed = await sealAhead(person, account, drafts);
      return { post: () => postSealed(person, account, sealed, load) };
    },
    wake: () => wake(account.id),
  };
}

function groupTarget(groups: Groups, network: NetworkName, to: string): LoadTarget {
  const current = (): GroupRow => {
    const group = groups.get(network, to);
    if (group === undefined) throw new HttpError(404, "no-such-group", "There is no group of this name.");
    return group;
  };
  const users = (): readonly Account[] => groups.users(groups.members(current()));
  const [account] = users();
  if (account === undefined)
    throw new HttpError(409, "no-user", "No user of a third-party app is in this group.");
  return {
    account,
    prepare: (people) => bringIn(groups, current(), people),
    async seal(person, drafts, load) {
      const group = current();
      const { sealed, keep } = await sealForGroup(groups, group, person, drafts);
      const to = users();
      await keep(() => undefined);
      return { post: () => postToGroup(group, person, sealed, to, load) };
    },
    wake(): void {
      for (const { id } of users()) groups.parts.wake(id);
    },
  };
}
