import { ContentHint } from "@signalapp/libsignal-client";
import { faultOf } from "../../../core/ports/log.ts";
import type { LoginContext } from "../login-context.ts";
import { ASK_PHONE_AGAIN, ASKED_PHONE, loginScope } from "../record-scopes.ts";
import { encodeContent } from "../wire/encode-content.ts";
import { pad } from "../wire/padding.ts";
import { deliver } from "./deliver.ts";

const REQUESTS = ["contacts", "blocked", "configuration", "keys"] as const;

/** Asks the phone, once after each link, for what a new device does not know. A failure is repeated when connected next. */
export async function requestSyncs(context: LoginContext): Promise<void> {
  const { store, login, log, own, clock, account, aci } = context;
  // The server gives the number of a device that was unlinked to the next one.
  const device = `${account.deviceId} ${aci.own.registrationId}`;
  const scope = loginScope(login);
  try {
    const asked = await store.records.get(scope, ASKED_PHONE);
    const isAgain = (await store.records.get(scope, ASK_PHONE_AGAIN)) !== undefined;
    if (asked === device && !isAgain) return;
    // First: what this asking brings may be what makes the next one necessary.
    if (isAgain)
      await store.write((tx) => {
        tx.records.remove(scope, ASKED_PHONE);
        tx.records.remove(scope, ASK_PHONE_AGAIN);
      });
    for (const request of REQUESTS) {
      await deliver(context, {
        to: own,
        plaintext: pad(encodeContent({ body: { kind: "sync", sync: { kind: "request", request } } })),
        timestamp: clock.now(),
        hint: ContentHint.Resendable,
        urgent: true,
        commit: (record) => store.write(record),
      });
    }
    await store.write((tx) => tx.records.set(scope, ASKED_PHONE, device));
  } catch (error) {
    log.warn("the phone could not be asked for what it knows", { login, ...faultOf(error) });
  }
}
