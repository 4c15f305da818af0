import { Aci, Pni } from "@signalapp/libsignal-client";
import {
  type AuthCredentialWithPni,
  AuthCredentialWithPniResponse,
  ClientZkAuthOperations,
  type ServerPublicParams,
} from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import { z } from "zod";
import { BridgeError } from "../../../core/model/errors.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { Account } from "../account.ts";
import { type Requesting, requestJson } from "../service/json-requests.ts";
import { basic } from "../service/storage-host.ts";
import type { GroupCipher } from "./group-cipher.ts";

interface GroupCredentialsParts {
  readonly account: Pick<Account, "aci" | "pni" | "authCredentialSalt">;
  readonly zkParams: ServerPublicParams;
  /** Our own connection. */
  readonly connection: () => Promise<Requesting>;
  readonly clock: Pick<Clock, "now">;
}

const DAY = 86_400;
const NO_SALT =
  "This account has no phone number, and groups of such accounts need something that Signal on your phone did not give to the bridge. Update Signal on the phone, and write “enable signal” to the bot to link it again.";
/** The server gives credentials for so many days from today. */
const AHEAD = 7;

const answer = z.object({
  credentials: z.array(
    z.object({
      credential: z.base64().transform((text) => Uint8Array.from(Buffer.from(text, "base64"))),
      redemptionTime: z.int(),
    }),
  ),
});

/**
 * Proves to the server that somebody of an account asks about a group, without telling which account: by credentials
 * for a day each, which it gives for a week at once.
 */
export class GroupCredentials {
  readonly #parts: GroupCredentialsParts;
  readonly #operations: ClientZkAuthOperations;
  /** By the second at which its day begins. */
  #byDay: Promise<ReadonlyMap<number, AuthCredentialWithPni>> | undefined;

  constructor(parts: GroupCredentialsParts) {
    this.#parts = parts;
    this.#operations = new ClientZkAuthOperations(parts.zkParams);
  }

  /** The Authorization header for a group. Throws what service-errors.ts reads. */
  async header({ secret }: GroupCipher): Promise<string> {
    const today = Math.floor(this.#parts.clock.now() / 1_000 / DAY) * DAY;
    const credential = (await this.#kept(today)) ?? (await this.#fetched(today));
    if (!credential) throw new Error("no credential of today was among those the server gave");
    const presentation = this.#operations.createAuthCredentialWithPniPresentation(secret, credential);
    return basic(hex(secret.getPublicParams().serialize()), hex(presentation.serialize()));
  }

  /** Those that are kept are not taken any more. */
  refused(): void {
    this.#byDay = undefined;
  }

  async #kept(day: number): Promise<AuthCredentialWithPni | undefined> {
    return (await this.#byDay?.catch(() => undefined))?.get(day);
  }

  async #fetched(today: number): Promise<AuthCredentialWithPni | undefined> {
    const fetching = this.#fetch(today);
    this.#byDay = fetching;
    try {
      return (await fetching).get(today);
    } catch (error) {
      if (this.#byDay === fetching) this.#byDay = undefined;
      throw error;
    }
  }

  async #fetch(today: number): Promise<ReadonlyMap<number, AuthCredentialWithPni>> {
    const range = `redemptionStartSeconds=${today}&redemptionEndSeconds=${today + AHEAD * DAY}`;
    const path = `/v1/certificate/auth/group?${range}`;
    const { credentials } = answer.parse(
      await requestJson(await this.#parts.connection(), { verb: "GET", path }),
    );
    return new Map(
      credentials.map(({ credential, redemptionTime: day }) => [
        day,
        this.#received(day, new AuthCredentialWithPniResponse(credential)),
      ]),
    );
  }

  /** The server has the salt of an account without a phone number, and the phone handed it over at the link. */
  #received(day: number, response: AuthCredentialWithPniResponse): AuthCredentialWithPni {
    const { aci: uuid, pni, authCredentialSalt: salt } = this.#parts.account;
    const aci = Aci.parseFromServiceIdString(uuid);
    if (pni !== undefined) {
      const number = Pni.parseFromServiceIdString(`PNI:${pni}`);
      return this.#operations.receiveAuthCredentialWithPniAsServiceId(aci, number, day, response);
    }
    if (!salt) throw new BridgeError("remote-refused", { words: NO_SALT, certain: true });
    return this.#operations.receiveAuthCredentialWithoutPni(aci, Uint8Array.from(salt), day, response);
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
