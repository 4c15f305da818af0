import { afterAll, beforeAll, jest } from "@jest/globals";
import type { NetworkName } from "../../tools/world/networks.ts";
import { OpenChat } from "./open-chat.ts";
import type { OtherClient } from "./other-client.ts";
import { endQuietly } from "./quiet-end.ts";
import { e2eTimeout, type TestPerson, TestWorld, type TestWorldOptions } from "./world.ts";

interface OnSynapseOptions extends TestWorldOptions {
  /** Names and words that no log may hold at the end. */
  readonly secrets: readonly string[];
}

interface OnSynapse {
  readonly world: TestWorld;
}

/** Real Synapse, sandbox and bridge for all tests of the file or `describe` that calls it, ended quietly. */
export function onSynapse({ secrets, ...options }: OnSynapseOptions): OnSynapse {
  jest.setTimeout(e2eTimeout);
  let world: TestWorld | undefined;
  beforeAll(async () => {
    world = await TestWorld.start(options);
  });
  afterAll(() => endQuietly(world, secrets));
  return {
    get world() {
      return begun(world);
    },
  };
}

/** A person of ours, and what another maker's client shows of their account. */
export interface ViewedPerson extends TestPerson {
  readonly viewer: OtherClient;
  /** A contact of this name writes to them, and they get a room for it. */
  chat(network: NetworkName, name: string): Promise<OpenChat>;
}

/** As {@link TestWorld.person}, with that client. */
export async function viewedPerson(
  world: TestWorld,
  name: string,
  networks?: readonly NetworkName[],
): Promise<ViewedPerson> {
  const person = await world.person(name, networks);
  const viewer = await world.otherClient(name.toLowerCase());
  const chat: ViewedPerson["chat"] = (network, contact) =>
    OpenChat.begin({ world, person, viewer, network, name: contact });
  return { ...person, viewer, chat };
}

interface AnaOnSynapseOptions extends OnSynapseOptions {
  /** All, where none are named. */
  readonly networks?: readonly NetworkName[];
}

interface AnaOnSynapse extends OnSynapse, Pick<ViewedPerson, "viewer" | "chat"> {
  readonly ana: TestPerson;
}

/** As {@link onSynapse}, with Ana, who has turned the networks on. */
export function anaOnSynapse({ networks, ...options }: AnaOnSynapseOptions): AnaOnSynapse {
  const on = onSynapse(options);
  let ana: ViewedPerson | undefined;
  beforeAll(async () => {
    ana = await viewedPerson(on.world, "Ana", networks);
  });
  return {
    get world() {
      return on.world;
    },
    get ana() {
      return begun(ana);
    },
    get viewer() {
      return begun(ana).viewer;
    },
    chat: (network, name) => begun(ana).chat(network, name),
  };
}

function begun<T>(made: T | undefined): T {
  if (made === undefined) throw new Error("what stands on Synapse is there once its tests begin");
  return made;
}
