import { SenderCertificate } from "@signalapp/libsignal-client";
import { z } from "zod";
import type { Clock } from "../../../core/ports/clock.ts";
import type { Chat } from "./chat.ts";
import { requestJson } from "./json-requests.ts";

/** Milliseconds before its end at which another certificate is fetched. */
const RENEWED_BEFORE = 60 * 60_000;

const answer = z.object({
  certificate: z.base64().transform((text) => Uint8Array.from(Buffer.from(text, "base64"))),
});

/** The server's word on who we are, for those who get a sealed message; it holds a day. */
export class OwnCertificate {
  readonly #clock: Pick<Clock, "now">;
  #certificate: SenderCertificate | undefined;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Without the phone number. Throws what send-failures.ts reads. */
  async get({ authenticated }: Chat): Promise<SenderCertificate> {
    const kept = this.#certificate;
    if (kept && kept.expiration() - RENEWED_BEFORE > this.#clock.now()) return kept;
    const path = "/v1/certificate/delivery?includeE164=false";
    const certificate = SenderCertificate.deserialize(
      answer.parse(await requestJson(authenticated, { verb: "GET", path })).certificate,
    );
    this.#certificate = certificate;
    return certificate;
  }
}
