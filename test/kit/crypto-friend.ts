import type { OlmMachine } from "@matrix-org/matrix-sdk-crypto-wasm";
import type { RoomId, UserId } from "../../src/core/model/ids.ts";
import { type CryptoLibrary, cryptoLibrary, silent } from "../../src/matrix/crypto/library.ts";
import { carryOut, type LibraryRequest } from "../../src/matrix/crypto/library-requests.ts";
import type { KeyServer } from "./key-server.ts";

/** A person's device, with keys in memory. */
export class CryptoFriend {
  readonly user: UserId;
  readonly device: string;
  readonly #olm: OlmMachine;
  readonly #library: CryptoLibrary;
  readonly #server: KeyServer;

  private constructor(
    user: UserId,
    device: string,
    olm: OlmMachine,
    library: CryptoLibrary,
    server: KeyServer,
  ) {
    this.user = user;
    this.device = device;
    this.#olm = olm;
    this.#library = library;
    this.#server = server;
  }

  /** `signs`: makes the user's identity, and signs the device with it. */
  static async start(server: KeyServer, user: UserId, device = "PHONE", signs = true): Promise<CryptoFriend> {
    const library = await cryptoLibrary();
    const { OlmMachine, UserId: Id, DeviceId, StoreHandle } = library;
    const store = await StoreHandle.open(undefined, undefined, silent);
    const olm = await OlmMachine.initFromStore(new Id(user), new DeviceId(device), store, silent);
    const friend = new CryptoFriend(user, device, olm, library, server);
    await friend.#settle();
    if (!signs) return friend;
    using signing = await olm.bootstrapCrossSigning(false);
    if (signing.uploadKeysRequest) await friend.#carryOut(signing.uploadKeysRequest as LibraryRequest);
    const post = (path: string, body: string) =>
      server.json({
        method: "POST",
        path: `/_matrix/client/v3/keys/${path}` as never,
        body: JSON.parse(body),
        as: user,
      });
    await post("device_signing/upload", signing.uploadSigningKeysRequest.body);
    await post("signatures/upload", signing.uploadSignaturesRequest.body);
    return friend;
  }

  /** Takes the keys that wait for this device. */
  async sync(): Promise<void> {
    const { toDevice, changed, oneTimeKeys, unusedFallbackKeys } = this.#server.sync(this.user, this.device);
    const { DeviceLists, UserId: Id } = this.#library;
    // As clients do with the members of their rooms.
    await this.#olm.updateTrackedUsers(changed.map((user) => new Id(user)));
    await this.#settle();
    await this.#olm.receiveSyncChanges(
      JSON.stringify(toDevice),
      new DeviceLists(changed.map((user) => new Id(user))),
      new Map(Object.entries(oneTimeKeys)),
      new Set(unusedFallbackKeys),
      this.#settings(),
    );
    await this.#settle();
  }

  /** The text of an event, decrypted with the keys that are there. */
  async reads(event: object, room: RoomId): Promise<string> {
    const { RoomId: Id } = this.#library;
    using opened = await this.#olm.decryptRoomEvent(JSON.stringify(event), new Id(room), this.#settings());
    return (JSON.parse(opened.event) as { content: { body: string } }).content.body;
  }

  /** Gives these people the key, unless `later`, and makes the content of an event. */
  async writes(
    room: RoomId,
    people: readonly UserId[],
    body: string,
    later = false,
  ): Promise<{ readonly content: unknown; share(): Promise<void> }> {
    const { UserId: Id, RoomId: Room, EncryptionSettings } = this.#library;
    const ids = () => people.map((person) => new Id(person));
    await this.#olm.updateTrackedUsers(ids());
    await this.#settle();
    const claim = await this.#olm.getMissingSessions(ids());
    if (claim) await this.#carryOut(claim);
    const requests = await this.#olm.shareRoomKey(new Room(room), ids(), new EncryptionSettings());
    const share = async () => {
      for (const request of requests.splice(0)) await this.#carryOut(request);
    };
    if (!later) await share();
    const content = await this.#olm.encryptRoomEvent(
      new Room(room),
      "m.room.message",
      JSON.stringify({ msgtype: "m.text", body }),
    );
    return { content: JSON.parse(content) as unknown, share };
  }

  #settings() {
    const { DecryptionSettings, TrustRequirement } = this.#library;
    return new DecryptionSettings(TrustRequirement.CrossSigned);
  }

  async #settle(): Promise<void> {
    for (const request of await this.#olm.outgoingRequests()) await this.#carryOut(request);
  }

  async #carryOut(request: LibraryRequest): Promise<void> {
    const actor = { user: this.user, device: this.device, receives: true };
    const answer = await carryOut(this.#library, this.#server, actor, request);
    if (request.id !== undefined) await this.#olm.markRequestAsSent(request.id, request.type, answer);
  }
}
