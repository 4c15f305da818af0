import type { Clock } from "../../../core/ports/clock.ts";
import type { DisplayStep, LoginRequest, LoginStep } from "../../../core/ports/login-flow.ts";
import type { SharedNet } from "../service/shared-net.ts";
import { decodeProvision, type Provision } from "../wire/provisioning.ts";
import { linkFailure } from "./link-failures.ts";
import { openProvisioningCode, type ProvisioningCode, type ScannedCode } from "./provisioning-code.ts";

interface ShowCodeParts {
  readonly shared: SharedNet;
  readonly clock: Clock;
  /** Makes the bridge a device of the account that a phone handed over. */
  readonly link: (request: LoginRequest, provision: Provision) => Promise<LoginStep>;
}

/** Milliseconds after which a code is replaced, as Signal's own app on a computer does. */
const CODE_LIFETIME = 45_000;
/** Milliseconds in which a new code comes after the former one's time. */
const RENEWAL_TIME = 10_000;
/** A code that was lost earlier than this was refused, in milliseconds. */
const LOST_AT_ONCE = 2_000;
/** The code before the newest is good too, for a phone that is just scanning it. */
const OPEN_CODES = 2;

/** Shows a QR code that is renewed until a phone scans it. Throws BridgeError where the server cannot be reached. */
export function showCode(parts: ShowCodeParts, request: LoginRequest): Promise<DisplayStep> {
  return new Linking(parts, request).show();
}

/** One person's codes, until one of them is scanned or their login process ends. */
class Linking {
  readonly #parts: ShowCodeParts;
  readonly #request: LoginRequest;
  readonly #scanned = Promise.withResolvers<ScannedCode>();
  #codes: ProvisioningCode[] = [];

  constructor(parts: ShowCodeParts, request: LoginRequest) {
    this.#parts = parts;
    this.#request = request;
    request.signal.addEventListener("abort", () => this.#close(0), { once: true });
  }

  /** Throws BridgeError where the server cannot be reached. */
  async show(): Promise<DisplayStep> {
    const { shared, clock } = this.#parts;
    const code = await openProvisioningCode(shared, this.#request.signal).catch((error: unknown) => {
      throw linkFailure(error);
    });
    this.#codes.push(code);
    this.#close(this.#request.signal.aborted ? 0 : OPEN_CODES);
    void code.scanned.then((scanned) => this.#scanned.resolve(scanned));
    const shownAt = clock.now();
    return {
      kind: "display",
      what: { kind: "qr", data: code.url },
      words: "Scan this code with Signal on your phone: Settings > Linked devices > Link a new device.",
      expiresAt: shownAt + CODE_LIFETIME + RENEWAL_TIME,
      next: () => this.#used(code, shownAt),
    };
  }

  async #used(code: ProvisioningCode, shownAt: number): Promise<LoginStep> {
    const { clock } = this.#parts;
    const expired = Promise.withResolvers<"expired">();
    const cancel = clock.after(CODE_LIFETIME, () => expired.resolve("expired"));
    this.#request.signal.addEventListener("abort", cancel, { once: true });
    const scanned = await Promise.race([
      this.#scanned.promise,
      expired.promise,
      code.lost.then((): "lost" => "lost"),
    ]);
    cancel();
    if (scanned === "lost" && clock.now() - shownAt < LOST_AT_ONCE) throw linkFailure(undefined);
    if (scanned === "lost" || scanned === "expired") return this.show();
    this.#close(0);
    return {
      kind: "wait",
      words: "Your phone has scanned the code. Signal is linking the bridge to your account.",
      next: () => this.#link(scanned),
    };
  }

  async #link({ envelope, privateKey }: ScannedCode): Promise<LoginStep> {
    try {
      return await this.#parts.link(this.#request, decodeProvision(envelope, privateKey));
    } catch (error) {
      throw linkFailure(error);
    }
  }

  /** Closes the older codes, so that so many stay open. */
  #close(open: number): void {
    for (const code of this.#codes.splice(0, Math.max(0, this.#codes.length - open))) code.close();
  }
}
