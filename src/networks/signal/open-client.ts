import type { ChatId, LoginId, NetworkId, UserId } from "../../core/model/ids.ts";
import type { Clock, Random } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import type { RemoteSink } from "../../core/ports/network.ts";
import type { Store } from "../../core/ports/store.ts";
import { PreKeySupply } from "../../signal-protocol/prekey-supply.ts";
import { SignalAccount } from "../../signal-protocol/signal-account.ts";
import { SignalPeers } from "../../signal-protocol/signal-peers.ts";
import { signalRecords } from "../../signal-protocol/signal-records.ts";
import type { Account } from "./account.ts";
import { openChatOf, SignalClient } from "./client.ts";
import { DeviceConnection } from "./connection/device-connection.ts";
import { PreKeys } from "./connection/prekeys.ts";
import type { ServerAccess } from "./connection/server-access.ts";
import { personOf } from "./ids.ts";
import type { LoginContext } from "./login-context.ts";
import { LongTexts } from "./media/long-texts.ts";
import type { SignalFiles } from "./media/signal-files.ts";
import { openContactBook } from "./open-contact-book.ts";
import { openGroups } from "./open-groups.ts";
import type { SignalServers } from "./servers.ts";
import { uploadForm } from "./service/attachments.ts";
import type { Challenges } from "./service/challenges.ts";
import { OwnCertificate } from "./service/own-certificate.ts";
import { Configuration } from "./session/configuration.ts";
import { Endorsements } from "./session/groups/endorsements.ts";
import { GroupSender } from "./session/groups/group-sender.ts";
import { memberProofs } from "./session/groups/member-proofs.ts";
import { NewGroups } from "./session/groups/new-groups.ts";
import type { Known } from "./session/groups/open-group.ts";
import { OwnChanges } from "./session/groups/own-changes.ts";
import { releaseHeld } from "./session/groups/release-held.ts";
import { IdlePhone } from "./session/idle-phone.ts";
import { IncomingContent } from "./session/incoming-content.ts";
import { IncomingEnvelopes } from "./session/incoming-envelopes.ts";
import { IncomingMessages } from "./session/incoming-messages.ts";
import { IncomingSync } from "./session/incoming-sync.ts";
import { OutgoingContents } from "./session/outgoing-contents.ts";
import { OutgoingFiles, type PutFile } from "./session/outgoing-files.ts";
import { OutgoingMessages } from "./session/outgoing-messages.ts";
import { OwnReceipts } from "./session/own-receipts.ts";
import { receiveBatch } from "./session/receive-batch.ts";
import { MessageResender } from "./session/retry/message-resender.ts";
import { RetryRequester } from "./session/retry/retry-requester.ts";
import { UndecryptableMessages } from "./session/retry/undecryptable-messages.ts";
import { requestSyncs } from "./session/sync-requests.ts";

export interface OpenClientParts {
  readonly login: LoginId;
  readonly network: NetworkId;
  readonly user: UserId;
  readonly account: Account;
  readonly access: ServerAccess;
  readonly servers: Pick<SignalServers, "trustRoots" | "storage" | "zkParams">;
  /** Makes the client anew of what is stored; it must not throw. */
  readonly renew: () => void;
  /** Ends requests that are under way. */
  readonly stopping?: AbortSignal;
  readonly store: Store;
  readonly sink: RemoteSink;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told of what the server wants of the person. */
  readonly challenges: Challenges;
  readonly files: SignalFiles;
}

/** A login's client with its keys read from the store; undefined where the store has none. */
export async function openClient(parts: OpenClientParts): Promise<SignalClient | undefined> {
  const { login, account, access, servers, files, challenges, ...shared } = parts;
  const { store, sink, clock, random, log } = shared;
  const records = store.family(signalRecords);
  const now = () => clock.now();
  const ofAci = { login, account: "aci" } as const;
  const ofPni = { login, account: "pni" } as const;
  const [aciKeys, pniKeys] = await Promise.all([records.own(ofAci), records.own(ofPni)]);
  const own = personOf(account.aci);
  const number = account.pni === undefined ? undefined : `PNI:${account.pni}`;
  if (!aciKeys || own === undefined || (number !== undefined && !pniKeys)) return undefined;
  const peers = new SignalPeers(records, login);
  const device = account.deviceId;
  const aci = new SignalAccount({
    peers,
    account: "aci",
    address: { name: account.aci, device },
    own: aciKeys,
    now,
  });
  const pni =
    number !== undefined && pniKeys
      ? new SignalAccount({ peers, account: "pni", address: { name: number, device }, own: pniKeys, now })
      : undefined;
  const context: LoginContext = {
    ...shared,
    login,
    account,
    own,
    ownNumber: number === undefined ? undefined : personOf(number),
    aci,
    pni,
    trustRoots: servers.trustRoots,
    certificate: new OwnCertificate(clock),
    longTexts: new LongTexts({ open: (ref) => files.open(ref), clock }),
    chat: () => openChatOf(connection, context),
  };
  const configuration = new Configuration(store, login);
  const requester = new RetryRequester(context, await UndecryptableMessages.load(store, login));
  const receipts = new OwnReceipts(context, configuration);
  const accepted = (chat: ChatId) => receipts.accepted(chat);
  const book = openContactBook(context, { ...parts, accepted });
  const groups = await openGroups(context, {
    ...parts,
    met: book.meet,
    release: (chat) => releaseHeld(context, content, chat),
  });
  const known: Known = (chat) => groups.catchUp.known(chat);
  const outgoingFiles = new OutgoingFiles(context, putFileBy(files, context));
  const contents = new OutgoingContents(context, outgoingFiles, known);
  const { server } = groups;
  const { zkParams } = servers;
  const sender = new GroupSender(context, new Endorsements({ context, server, zkParams }));
  const resender = new MessageResender(context, (...message) => contents.again(...message), sender);
  const { refresh } = groups.catchUp;
  const proofs = memberProofs(context, zkParams);
  const { exclusively } = groups;
  const ownChanges = new OwnChanges({
    context,
    server,
    files,
    sender,
    known,
    refresh,
    exclusively,
    zkParams,
    proofs,
  });
  const newGroups = new NewGroups({ context, server, sender, proofs, exclusively });
  const sync = new IncomingSync(context, {
    configuration,
    handlers: {
      phoneContacts: book.phoneContacts,
      accountStored: book.refresh,
      requestAccepted: accepted,
      numberChanged() {
        envelopes.leave();
        parts.renew();
      },
    },
    groups: groups.incoming,
  });
  const content = new IncomingContent(context, { sync, people: book, receipts, groups: groups.incoming });
  const messages = new IncomingMessages({ context, content, requester, resender });
  const envelopes = new IncomingEnvelopes(context, (batch) =>
    groups.exclusively(() => receiveBatch(context, messages, batch)),
  );
  const idlePhone = new IdlePhone(context);
  const connection = new DeviceConnection({
    login,
    access,
    account,
    preKeys: new PreKeys(store, [
      { of: ofAci, supply: new PreKeySupply({ store, of: ofAci, own: aci.own, now }) },
      ...(pni ? [{ of: ofPni, supply: new PreKeySupply({ store, of: ofPni, own: pni.own, now }) }] : []),
    ]),
    handler: {
      envelope: (bytes, at, acknowledge, chat) => envelopes.push({ bytes, at, chat, acknowledge }),
      queueEmpty: () => undefined,
      alerts: idlePhone.alerts,
    },
    changed(state) {
      sink.state(state);
      if (state.kind !== "connected") return;
      requester.arm();
      receipts.owed();
      void requestSyncs(context);
      book.phoneContacts();
      book.refresh();
      groups.catchUp.wakeAll();
    },
    ended: (what) => void sink.ended(what).catch(() => undefined),
    clock,
    random,
    log,
  });
  return new SignalClient({
    context,
    peers,
    files,
    connection,
    book,
    groups: { catchUp: groups.catchUp, sender, ownChanges, newGroups, known },
    envelopes,
    outgoing: new OutgoingMessages(context, contents, sender),
    receipts,
    configuration,
    challenges,
    idlePhone,
    requester,
    resender,
  });
}

function putFileBy(files: SignalFiles, context: LoginContext): PutFile {
  const form = async (length: number) => uploadForm(await context.chat(), length);
  return async (item, upload) =>
    upload.kind === "text"
      ? { pointer: await files.putText(upload.text, upload.contentType, form) }
      : files.put(upload.media, (uri) => item.open(uri), form);
}
