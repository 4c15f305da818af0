import type { NetworkId } from "../../../core/model/ids.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import type { DoneStep, LoginRequest } from "../../../core/ports/login-flow.ts";
import type { Login } from "../../../core/ports/rows.ts";
import type { Store } from "../../../core/ports/store.ts";
import { type Account, readAccount, writeAccount } from "../account.ts";
import { confirmSigned } from "../connection/prekeys.ts";
import type { ServerAccess } from "../connection/server-access.ts";
import { masterKeyIn } from "../master-key.ts";
import { signalFamily } from "../records.ts";
import { removeOwnDevice } from "../service/devices.ts";
import { Configuration } from "../session/configuration.ts";
import type { Provision } from "../wire/provisioning.ts";
import { makeDeviceKeys, recordDeviceKeys } from "./device-keys.ts";
import { registerDevice } from "./register-device.ts";

export interface LinkAccountParts {
  readonly network: NetworkId;
  readonly deviceName: string;
  readonly store: Store;
  readonly clock: Pick<Clock, "now">;
  readonly access: ServerAccess;
}

/**
 * Makes the bridge a device of the account that a phone handed over. Where the person has that account here already,
 * its login goes on with its chats as the new device. Throws ServiceRefusal, and what libsignal throws.
 */
export async function linkAccount(
  { network, deviceName, store, clock, access }: LinkAccountParts,
  { user, login: newLogin }: Pick<LoginRequest, "user" | "login">,
  provision: Provision,
): Promise<DoneStep> {
  const { aci, pni, number, profileKey, authCredentialSalt } = provision;
  const before = linkedBefore(await store.logins.of(user, network), aci);
  const login = before?.login.id ?? newLogin;
  const at = clock.now();
  const keys = {
    aci: await makeDeviceKeys(store, { login, account: "aci" }, provision.aciIdentity, at),
    pni: pni && (await makeDeviceKeys(store, { login, account: "pni" }, pni.identity, at)),
  };
  const device = await registerDevice(await access.anonymous.get(), { provision, deviceName, ...keys });
  // The device that the login was before would stay in the phone's list, and would be sent everything in vain.
  if (before) await removeOwnDevice(access.net, before.account).catch(() => undefined);
  const masterKey = masterKeyIn(provision);
  const configured = new Configuration(store, login).told({ readReceipts: provision.readReceipts });
  return {
    kind: "done",
    visibleId: number ?? aci,
    account: writeAccount({
      aci,
      ...(pni && { pni: pni.id.replace(/^PNI:/, "") }),
      ...(number === undefined ? {} : { number }),
      ...device,
      profileKey: Uint8Array.from(profileKey),
      ...(masterKey && { masterKey }),
      ...(authCredentialSalt && { authCredentialSalt: Uint8Array.from(authCredentialSalt) }),
    }),
    ...(before && { continues: login }),
    record(tx) {
      configured(tx);
      for (const each of [keys.aci, keys.pni]) {
        if (!each) continue;
        recordDeviceKeys(tx, each);
        confirmSigned(tx, each.of, each.signed.public.id);
      }
      // What the phone told the former device may be another one.
      if (masterKey) tx.family(signalFamily).setMasterKey(login, masterKey);
    },
  };
}

function linkedBefore(
  logins: readonly Login[],
  aci: string,
): { readonly login: Login; readonly account: Account } | undefined {
  for (const login of logins) {
    const account = accountIn(login);
    if (account?.aci === aci) return { login, account };
  }
  return undefined;
}

function accountIn({ account }: Login): Account | undefined {
  try {
    return readAccount(account);
  } catch {
    return undefined;
  }
}
