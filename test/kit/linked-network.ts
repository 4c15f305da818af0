import { BridgeError } from "../../src/core/model/errors.ts";
import type { LoginId, NetworkId, UserId } from "../../src/core/model/ids.ts";
import type {
  DisplayStep,
  LoginField,
  LoginFlow,
  LoginRequest,
  LoginStep,
} from "../../src/core/ports/login-flow.ts";
import type { Login } from "../../src/core/ports/rows.ts";
import type { MemoryClient } from "./memory-client.ts";
import { MemoryNetwork } from "./memory-network.ts";

/** Milliseconds a code is good. */
export const CODE_TIME = 60_000;
/** So many are shown before nobody is waited for any more. */
const MOST_CODES = 5;

export const RIGHT_CODE = "246810";

const phone: LoginField = {
  id: "phone",
  kind: "phone",
  name: "your phone number with country code",
  example: "+31612345678",
  secret: false,
  check: (typed) =>
    /^\+\d{8,15}$/.test(typed.replaceAll(" ", ""))
      ? { value: typed.replaceAll(" ", "") }
      : { wrong: "That is not a phone number with country code." },
};
const code: LoginField = {
  id: "code",
  kind: "code",
  name: "the six digits that were sent to you",
  secret: true,
  check: (typed) => (/^\d{6}$/.test(typed) ? { value: typed } : { wrong: "A code has six digits." }),
};

const name: LoginField = {
  id: "name",
  kind: "text",
  name: "your Quill name",
  secret: false,
  check: (typed) => (typed.length > 1 ? { value: typed } : { wrong: "A name has at least two letters." }),
};
const password: LoginField = {
  id: "password",
  kind: "password",
  name: "your password",
  secret: true,
  check: (typed) => ({ value: typed }),
};

type Scan = { readonly as: string } | { readonly refused: string };

/** A network on which people link this bridge as a device, by a code to scan or by a number and a code. */
export class LinkedNetwork extends MemoryNetwork {
  override readonly id = "quill" as NetworkId;
  override readonly name = "Quill";
  override readonly logins = "many";
  override readonly addressing = "a Quill name";
  override notice = { version: 1, paragraphs: ["Quill learns when you write."] };
  codeTime = CODE_TIME;
  /** What the codes said, in order. */
  readonly codes: string[] = [];
  /** How a code is shown. */
  shows: DisplayStep["what"]["kind"] = "qr";
  /** Names and passwords that were handed over. */
  readonly typed: Readonly<Record<string, string>>[] = [];
  /** Accounts that are linked, by login. */
  readonly linked = new Map<LoginId, string>();
  /** While set, the network does not answer before it resolves. */
  answers: Promise<void> | undefined;
  /** What is thrown instead of a right code's answer. */
  codeFault: BridgeError | undefined;
  /** Conversations that are not let go. */
  open = 0;
  #scanned = Promise.withResolvers<Scan>();

  override get flows(): readonly LoginFlow[] {
    return [
      {
        id: "qr",
        name: "scan a QR code",
        begin: (request) => this.#notice(request, () => this.#code(request)),
      },
      {
        id: "phone",
        name: "give your phone number",
        begin: (request) => this.#notice(request, async () => this.#askPhone(request)),
      },
      {
        id: "password",
        name: "give your name and password",
        begin: (request) => this.#notice(request, async () => this.#askPassword(request)),
      },
    ];
  }
  override get settings() {
    return [];
  }
  override accountOf({ visibleId }: Login): string {
    return visibleId;
  }
  override clientOfAccount(account: string): MemoryClient {
    const client = Array.from(this.clients.values()).find((one) => one.account === account);
    if (!client) throw new Error(`${account} is not linked`);
    return client;
  }

  /** The person scans the newest code with the phone of an account. */
  scan(account: string): void {
    this.#scanned.resolve({ as: account });
  }
  /** Their phone says no. */
  refuses(words: string): void {
    this.#scanned.resolve({ refused: words });
  }
  override async delist({ visibleId }: Login): Promise<void> {
    if (this.delistFault) throw this.delistFault;
    for (const [login, account] of this.linked) if (account === visibleId) this.linked.delete(login);
  }

  async #notice({ again, signal }: LoginRequest, next: () => Promise<LoginStep>): Promise<LoginStep> {
    this.open += 1;
    signal.addEventListener("abort", () => (this.open -= 1), { once: true });
    const { version, paragraphs } = this.notice;
    const agree = async (): Promise<LoginStep> => (again ? { kind: "kept" } : next());
    return { kind: "notice", version, paragraphs, agreement: "you agree", agree };
  }

  async #code(request: LoginRequest, earlier = 0): Promise<LoginStep> {
    this.#scanned = Promise.withResolvers();
    const { promise } = this.#scanned;
    const data = `quill://link/canary-${this.codes.length + 1}-${crypto.randomUUID()}`;
    this.codes.push(data);
    const step: DisplayStep = {
      kind: "display",
      what: {
        qr: { kind: "qr", data },
        link: { kind: "link", url: data },
        code: { kind: "code", code: data },
      }[this.shows] as DisplayStep["what"],
      words: "Scan this with Quill on your phone.",
      expiresAt: this.clock.now() + this.codeTime,
      next: async () => {
        const expired = Promise.withResolvers<undefined>();
        const cancel = this.clock.after(this.codeTime, () => expired.resolve(undefined));
        request.signal.addEventListener("abort", cancel, { once: true });
        const scan = await Promise.race([promise, expired.promise]);
        cancel();
        if (scan === undefined) {
          if (earlier + 1 >= MOST_CODES) return { kind: "failed", words: "Nobody scanned the code." };
          return this.#code(request, earlier + 1);
        }
        if ("refused" in scan) return { kind: "failed", words: scan.refused };
        return {
          kind: "wait",
          words: "Your phone has it; Quill is linking this bridge.",
          next: () => this.#link(request, scan.as),
        };
      },
    };
    return step;
  }

  #askPassword(request: LoginRequest): LoginStep {
    return {
      kind: "fields",
      words: "Quill knows you by a name.",
      fields: [name, password],
      fill: async (typed) => {
        this.typed.push(typed);
        if (this.codeFault) throw this.codeFault;
        return this.#link(request, typed["name"] ?? "");
      },
    };
  }

  #askPhone(request: LoginRequest, words = "Quill sends a code to your phone."): LoginStep {
    return {
      kind: "fields",
      words,
      fields: [phone],
      fill: async ({ phone: number = "" }) => {
        await this.answers;
        return this.#askCode(request, number, `A code was sent to ${number}.`);
      },
    };
  }

  #askCode(request: LoginRequest, number: string, words: string): LoginStep {
    return {
      kind: "fields",
      words,
      fields: [code],
      fill: async ({ code: typed }) => {
        await this.answers;
        if (this.codeFault) throw this.codeFault;
        if (typed !== RIGHT_CODE) return this.#askCode(request, number, "That code is not right.");
        return { kind: "wait", words: "The code is right.", next: () => this.#link(request, number) };
      },
    };
  }

  async #link({ login, user }: LoginRequest, account: string): Promise<LoginStep> {
    const before = await this.#loginOf(user, account);
    await this.answers;
    this.linked.set(before?.id ?? login, account);
    this.enlisted.set(user, login);
    const done = { kind: "done", visibleId: account, account: `{"account":"${account}"}` } as const;
    return { ...done, ...(before ? { continues: before.id } : {}), record: () => {} };
  }

  async #loginOf(user: UserId, account: string): Promise<Login | undefined> {
    const logins = (await this.store?.logins.of(user, this.id)) ?? [];
    return logins.find(({ visibleId }) => visibleId === account);
  }
}

/** As the network answers when it does not work. */
export const away = (): BridgeError =>
  new BridgeError("remote-unreachable", {
    words: "Quill cannot be reached at the moment. Try again in a few minutes.",
    certain: false,
  });
