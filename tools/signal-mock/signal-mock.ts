import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileHost } from "./file-host.ts";
import { loadCertificates, StorageState } from "./mock-server.ts";
import { Person } from "./person.ts";
import { PlayedGroup } from "./played-group.ts";
import { PlayedServer } from "./played-server.ts";

/** The `networks.signal` section for the mock. */
export interface MockSection {
  readonly server: {
    readonly port: number;
    /** The certificate that the server's is signed by, PEM. */
    readonly ca: string;
    readonly zk_params: string;
    readonly trust_roots: readonly string[];
  };
}

/** Signal's mock server with played people, on a port of this machine. */
export class SignalMock implements AsyncDisposable {
  readonly server: PlayedServer;
  readonly section: MockSection;
  /** Called for everybody who is made. */
  onPerson: (person: Person) => void = () => undefined;
  /** By their ids in base64url. */
  readonly groups = new Map<string, PlayedGroup>();
  readonly #people = new Map<string, Person>();
  readonly #folder: string;
  readonly #files: FileHost;

  private constructor(server: PlayedServer, folder: string, section: MockSection) {
    this.server = server;
    this.section = section;
    this.#folder = folder;
    this.#files = new FileHost(server, join(folder, "attachments"));
  }

  static async start({ port = 0 }: { readonly port?: number } = {}): Promise<SignalMock> {
    const folder = await mkdtemp(join(tmpdir(), "signal-mock-"));
    await mkdir(join(folder, "attachments"));
    const server = new PlayedServer({ cdn3Path: folder });
    await server.listen(port, "localhost");
    const { certificateAuthority, serverPublicParams, serverTrustRoots } = await loadCertificates();
    const section = {
      server: {
        port: server.address().port,
        ca: certificateAuthority,
        zk_params: serverPublicParams,
        trust_roots: serverTrustRoots,
      },
    };
    return new SignalMock(server, folder, section);
  }

  /** The certificate that the server's is signed by, PEM. */
  get ca(): string {
    return this.section.server.ca;
  }

  get port(): number {
    return this.section.server.port;
  }

  /** The person of this name, who gets a number and an account at the first call; `aci`: its id. */
  async person(name: string, aci?: string): Promise<Person> {
    return this.#people.get(name) ?? this.#make(name, { aci });
  }

  /** As {@link person}, with an account that has no number. */
  async personWithoutNumber(name: string): Promise<Person> {
    return this.#people.get(name) ?? this.#make(name, { hasE164: false });
  }

  async #make(
    name: string,
    { aci, hasE164 = true }: { readonly aci?: string | undefined; readonly hasE164?: boolean },
  ): Promise<Person> {
    this.server.nextAci = aci;
    const phone = await this.server.createPrimaryDevice({ profileName: name, hasE164 });
    await phone.setStorageState(StorageState.getEmpty());
    const person = new Person({ server: this.server, phone, name, files: this.#files });
    this.#people.set(name, person);
    this.onPerson(person);
    return person;
  }

  /** A group of these people, of which nobody is told. */
  async createGroup(title: string, by: Person, ...others: readonly Person[]): Promise<PlayedGroup> {
    const group = await PlayedGroup.create(this.server, title, by, ...others);
    this.groups.set(group.id, group);
    return group;
  }

  /** Everybody who has been made, by their account's id. */
  byAci(aci: string): Person | undefined {
    return Array.from(this.#people.values()).find((person) => person.aci === aci);
  }

  get people(): readonly Person[] {
    return [...this.#people.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.end();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
