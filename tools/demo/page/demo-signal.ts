import type { SignalControl } from "../../signal-mock/client.ts";
import type { DemoPhone } from "./model/demo-state.ts";

interface SignalTold {
  readonly phones: readonly DemoPhone[];
  /** The accounts that a device is linked to. */
  readonly linked: readonly string[];
}

/** What Signal's mock server tells of the phones and of who is linked. */
export class DemoSignal {
  readonly #control: SignalControl;
  readonly #ours: readonly string[];
  /** What it told last, for when it is away. */
  #told: SignalTold = { phones: [], linked: [] };

  /** @param ours the names of the people whose own phones they are, and nobody's to play. */
  constructor(control: SignalControl, ours: readonly string[]) {
    this.#control = control;
    this.#ours = ours;
  }

  async told(): Promise<SignalTold> {
    try {
      const { origin } = this.#control;
      const [people, users] = await Promise.all([this.#control.people(), this.#control.users()]);
      const phones = people
        .filter(({ name }) => !this.#ours.includes(name))
        .map(({ name, aci }) => ({ person: name, name, network: "signal", jid: aci, online: true, origin }));
      this.#told = { phones, linked: users.map(({ visible_id }) => visible_id) };
    } catch {
      // It is away; what it told before still holds for what is shown.
    }
    return this.#told;
  }
}
