import type { Heard } from "../journal.ts";
import type { Person } from "../person.ts";
import type { SignalMock } from "../signal-mock.ts";
import { PhoneScreen } from "./phone-screen.ts";

/** The phones of everybody there is; each tells senders at once that it has their messages, as Signal's do. */
export class PhoneScreens {
  readonly #mock: SignalMock;
  readonly #screens = new Map<Person, PhoneScreen>();

  constructor(mock: SignalMock) {
    this.#mock = mock;
    mock.onPerson = (person) => {
      this.#screens.set(person, new PhoneScreen(person, (aci) => mock.byAci(aci)?.name ?? aci));
      person.journal.follow((heard) => void this.#delivers(person, heard).catch(() => undefined));
    };
  }

  of(name: string): PhoneScreen | undefined {
    const person = this.#mock.people.find((one) => one.name === name);
    return person && this.#screens.get(person);
  }

  async #delivers(person: Person, { from, content }: Heard): Promise<void> {
    const { dataMessage, editMessage } = content?.content ?? {};
    const timestamp = (dataMessage ?? editMessage?.dataMessage)?.timestamp;
    const sender = this.#mock.byAci(from);
    if (timestamp && sender !== undefined && sender !== person)
      await person.delivers(sender, Number(timestamp));
  }
}
