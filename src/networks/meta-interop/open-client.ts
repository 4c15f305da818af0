import { PreKeySupply } from "../../signal-protocol/prekey-supply.ts";
import { SignalAccount } from "../../signal-protocol/signal-account.ts";
import { SignalPeers } from "../../signal-protocol/signal-peers.ts";
import { aciOf, signalRecords } from "../../signal-protocol/signal-records.ts";
import type { AllowedHosts } from "./account/allowed-hosts.ts";
import { type ClientParts, InteropClient } from "./client.ts";
import { ownAddress } from "./ids.ts";
import { fetchMedia } from "./media/fetch-media.ts";
import { DeliveryReceipts } from "./session/delivery-receipts.ts";
import { deviceOf } from "./session/device-address.ts";
import type { LoginContext } from "./session/login-context.ts";
import { UndecryptableMessages } from "./session/retry/undecryptable-messages.ts";

type MadeHere = "own" | "signal" | "supply" | "undecryptable" | "deliveries";
type OpenClientParts = Omit<LoginContext, MadeHere> &
  Omit<ClientParts, "context" | "fetch"> & {
    readonly hosts: AllowedHosts;
    /** Ends transfers that are under way. */
    readonly stopping: AbortSignal | undefined;
  };

/** A login's client with its keys read from the store; undefined where the store has none. */
export async function openClient(parts: OpenClientParts): Promise<InteropClient | undefined> {
  const { account, rootKey, tokens, host, tools, hosts, stopping, vouch, ...shared } = parts;
  const { store, login, clock } = shared;
  const own = await store.family(signalRecords).own(aciOf(login));
  const address = ownAddress(account.jid);
  if (!own || address === undefined) return undefined;
  const now = () => clock.now();
  const signal = new SignalAccount({
    peers: new SignalPeers(store.family(signalRecords), login),
    account: "aci",
    address: deviceOf(address),
    own,
    now,
  });
  return new InteropClient({
    context: {
      ...shared,
      own: address,
      signal,
      supply: new PreKeySupply({ store, of: aciOf(login), own: signal.own, now }),
      undecryptable: await UndecryptableMessages.load(store, login),
      deliveries: new DeliveryReceipts(store, login),
    },
    account,
    rootKey,
    tokens,
    host,
    tools,
    fetch: async (ref, granted) => {
      hosts.require(account.mediaUrl);
      const { mediaUrl } = account;
      return fetchMedia({ network: shared.profile.name, mediaUrl, granted, tools, clock, stopping }, ref);
    },
    vouch: async () => {
      hosts.require(account.chatUrl, account.mediaUrl);
      await vouch();
    },
  });
}
