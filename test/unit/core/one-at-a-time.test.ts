import { describe, expect, test } from "@jest/globals";
import type { PortalKey } from "../../../src/core/model/events.ts";
import type { ChatId, LoginId, NetworkId } from "../../../src/core/model/ids.ts";
import type { Network } from "../../../src/core/ports/network.ts";
import type { Portal } from "../../../src/core/ports/rows.ts";
import type { Step } from "../../../src/core/runtime/lanes.ts";
import { oneAtATime } from "../../../src/core/to-matrix/shared/one-at-a-time.ts";
import { settle } from "../../kit/virtual-clock.ts";

const direct = "between two" as ChatId;
const keyOf = (login: string, chat: string): PortalKey => ({ login: login as LoginId, chat: chat as ChatId });

/** Steps that are under way until `end` is called for their login. */
function steps(...networks: readonly Pick<Network, "id" | "groups">[]) {
  const reads: string[] = [];
  const running: string[] = [];
  const ends = new Map<string, () => void>();
  const run = async ({ login }: PortalKey): Promise<Step> => {
    running.push(login);
    await new Promise<void>((resolve) => ends.set(login, resolve));
    running.splice(running.indexOf(login), 1);
    return "idle";
  };
  const step = oneAtATime(
    {
      store: {
        logins: {
          async get(login) {
            reads.push(`login ${login}`);
            return undefined;
          },
        },
        portals: {
          async byChat({ chat }) {
            reads.push(`chat ${chat}`);
            return chat === direct ? ({ kind: "direct" } as Portal) : undefined;
          },
        },
      },
      networks: new Map(networks.map((network) => [network.id, network as Network])),
      networkOf: (login) => (login.startsWith("gone") ? undefined : networks[0]?.id),
    },
    run,
  );
  return { step, reads, running, end: (login: string) => ends.get(login)?.() };
}

const grouped = { id: "grouped" as NetworkId, groups: true } as const;
const plain = { id: "plain" as NetworkId } as const;

describe("copies of an event that come to several logins at once", () => {
  test("in one group the second login's step begins when the first one's has ended", async () => {
    const { step, running, end } = steps(grouped);
    const both = [step(keyOf("a", "club")), step(keyOf("b", "club"))];
    await settle();
    expect(running).toEqual(["a"]);
    end("a");
    await settle();
    expect(running).toEqual(["b"]);
    end("b");
    expect(await Promise.all(both)).toEqual(["idle", "idle"]);
  });

  test("other groups, and chats between two, wait for nobody", async () => {
    const { step, running, end } = steps(grouped);
    const all = [keyOf("a", "club"), keyOf("b", "team"), keyOf("c", direct), keyOf("d", direct)].map(step);
    await settle();
    expect(running.toSorted()).toEqual(["a", "b", "c", "d"]);
    for (const login of ["a", "b", "c", "d"]) end(login);
    await Promise.all(all);
  });

  test("where no network has groups nothing is read for it, not even for a login without a connection", async () => {
    const { step, reads, running, end } = steps(plain);
    const all = [step(keyOf("a", "club")), step(keyOf("gone", "club"))];
    await settle();
    expect(running).toEqual(["a", "gone"]);
    for (const login of ["a", "gone"]) end(login);
    await Promise.all(all);
    expect(reads).toEqual([]);
  });

  test("a connected login of a network without groups is not read for another network's sake", async () => {
    const { step, reads, end } = steps(plain, grouped);
    const done = step(keyOf("a", "club"));
    await settle();
    end("a");
    await done;
    expect(reads).toEqual([]);
  });
});
