import { once } from "node:events";
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from "node:http2";
import type { Socket as TcpSocket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type {
  Device,
  EnvelopeType as EnvelopeKind,
  Server as MockServer,
  PrimaryDevice,
} from "@signalapp/mock-server";
import { basic } from "./basic.ts";
import { Faults } from "./faults.ts";
import { deniesMany } from "./faulty-send.ts";
import { GroupPictures } from "./group-pictures.ts";
import { Mailboxes, type Socket } from "./mailboxes.ts";
import { missingRoutes } from "./missing-routes.ts";
import { followQueues } from "./mock-queues.ts";
import { EnvelopeType, proto, Server, ServiceIdKind } from "./mock-server.ts";
import { obey } from "./obeyed-changes.ts";
import { accountsOf } from "./phone-internals.ts";
import { prepareNumber } from "./phone-number.ts";
import { takeConnection } from "./played-connection.ts";
import { RawConnections } from "./raw-connections.ts";
import { serveRpc } from "./rpc.ts";
import { ScanDesk } from "./scan-desk.ts";

type Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A device that is removed is told so by this code. */
const REMOVED = 4401;
/** Milliseconds from a removal to the end of the device's connection. */
const CLOSES_AFTER = 50;
const PRIMARY = 1;

/** What a phone was handed and could not read. */
export interface Unreadable {
  readonly source: Device | undefined;
  readonly target: Device;
  readonly type: EnvelopeKind;
  readonly bytes: Uint8Array;
  /** The time that the sender gave it, in milliseconds since the epoch. */
  readonly timestamp: number;
  readonly cause: unknown;
}

/** Signal's own mock server, with the routes that it lacks, and with phones that may fail to read. */
export class PlayedServer extends Server {
  readonly faults = new Faults();
  readonly connections = new RawConnections();
  readonly pictures = new GroupPictures();
  readonly #mailboxes = new Mailboxes(() => this.faults.losesAcks);
  readonly #reading = new WeakMap<Device, Promise<void>>();
  readonly #mailed = new WeakMap<Socket, Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Those whose other end died before they were a session, too. */
  readonly #sockets = new Set<TcpSocket>();
  readonly #endWaits = followQueues(this);
  readonly #desk = new ScanDesk();
  readonly #phones = new Map<Device, PrimaryDevice>();
  readonly #names = new WeakMap<Device, Uint8Array<ArrayBuffer>>();
  /** Headers that a connection is accepted with: `x-signal-alert`, for one. */
  upgradeHeaders: Readonly<Record<string, string>> = {};
  /** Called with the path of every request that comes over HTTP. */
  onRequest: (path: string) => void = () => undefined;
  /** Called for what a phone could not read; the sender never learns of it from the server. */
  onUnreadable: (message: Unreadable) => void = () => undefined;

  override async listen(port: number, host?: string): Promise<void> {
    await super.listen(port, host);
    const { https } = this;
    if (https === undefined) throw new Error("The mock server does not listen");
    https.on("session", (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      session.once("close", () => this.#sessions.delete(session));
    });
    https.on("connection", (socket: TcpSocket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    const [theirs] = https.listeners("request") as Listener[];
    https.removeAllListeners("request");
    https.removeAllListeners("connect");
    https.on("connect", (request, response) => void takeConnection(this, request, response));
    https.on("request", (request: Http2ServerRequest, response: Http2ServerResponse) => {
      if (request.method === "CONNECT") return;
      const endpoint = request.url.slice(1);
      this.onRequest(request.url);
      const fault = this.faults.nextRequest(request.url);
      if (fault !== undefined) {
        response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
        response.end(JSON.stringify(fault.body ?? {}));
      } else if (deniesMany(this.faults, endpoint, request, response)) return;
      else if (endpoint in missingRoutes)
        void this.#answer(endpoint as keyof typeof missingRoutes, request, response);
      else if (!this.pictures.takes(request, response)) theirs?.(request, response);
    });
  }

  /** Ends every connection and stops listening. */
  async end(): Promise<void> {
    const closed = this.close();
    this.dropConnections();
    for (const socket of this.#sockets) socket.destroy();
    this.#endWaits();
    await closed;
  }

  /** Breaks connections off, as a network that fails does: all, or each with this chance. */
  dropConnections(chance = 1): void {
    for (const session of this.#sessions) if (Math.random() < chance) session.destroy();
  }

  /**
   * As a restart of a server that keeps what it knows: breaks every connection off, refuses new ones for so many
   * milliseconds, and resolves when it takes them again.
   */
  async restart(away: number): Promise<void> {
    const { https } = this;
    if (https === undefined) throw new Error("The mock server does not listen");
    const { port } = this.address();
    const closed = once(https, "close");
    https.close();
    this.dropConnections();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await pause(away);
    https.listen(port, "localhost");
    await once(https, "listening");
  }

  /** Also to a first number. */
  changeNumber(phone: PrimaryDevice): Promise<void> {
    prepareNumber(phone);
    return phone.changeNumber();
  }

  /** The mock changes a number, and does not give a first one. */
  override async changeDeviceNumber(
    ...[device, number]: Parameters<MockServer["changeDeviceNumber"]>
  ): Promise<void> {
    if (device.pni !== undefined) return super.changeDeviceNumber(device, number);
    await device.changeNumber(number);
    if (device.deviceId === PRIMARY) accountsOf(this).set(number.pni, device);
  }

  override async modifyGroup(...[asked]: Parameters<MockServer["modifyGroup"]>) {
    return obey(asked, (theirs) => super.modifyGroup(theirs));
  }

  override async addWebSocket(device: Device, socket: Socket): Promise<void> {
    const mailed = this.#mailboxes.opened(device, socket);
    this.#mailed.set(socket, mailed);
    return super.addWebSocket(device, mailed);
  }

  override removeWebSocket(device: Device, socket: Socket): void {
    this.#mailboxes.closed(device, socket);
    super.removeWebSocket(device, this.#mailed.get(socket) ?? socket);
  }

  override async createPrimaryDevice(
    ...options: Parameters<MockServer["createPrimaryDevice"]>
  ): Promise<PrimaryDevice> {
    const phone = await super.createPrimaryDevice(...options);
    this.#phones.set(phone.device, phone);
    return phone;
  }

  /** The id of the next account that is made, instead of one by chance. */
  nextAci: string | undefined;

  override async generateAci(): ReturnType<MockServer["generateAci"]> {
    const planned = this.nextAci;
    this.nextAci = undefined;
    return planned === undefined ? super.generateAci() : (planned as Device["aci"]);
  }

  /** A phone has no connection here: it is handed what is for it. */
  override async send(target: Device, message: Buffer<ArrayBuffer>): Promise<void> {
    if (target.deviceId !== PRIMARY) return this.#mailboxes.send(target, message);
    const { sourceServiceIdBinary, destinationServiceIdBinary, type, content, clientTimestamp } =
      proto.Envelope.decode(message);
    const sender = sourceServiceIdBinary ? await this.#accountOf(sourceServiceIdBinary) : undefined;
    // A number's id has a byte before its UUID.
    const kind = destinationServiceIdBinary?.length === 17 ? ServiceIdKind.PNI : ServiceIdKind.ACI;
    const bytes = Buffer.from(content ?? []);
    const { PREKEY_MESSAGE, UNIDENTIFIED_SENDER } = proto.Envelope.Type;
    const { PreKey, SealedSender, CipherText } = EnvelopeType;
    const kindOf =
      type === PREKEY_MESSAGE ? PreKey : type === UNIDENTIFIED_SENDER ? SealedSender : CipherText;
    await this.handleMessage(sender, kind, kindOf, target, bytes, clientTimestamp ?? 0n);
  }

  /** Each device reads in the order in which messages came; the mock's phones let one overtake others that wait. */
  override handleMessage(...message: Parameters<MockServer["handleMessage"]>): Promise<void> {
    const target = message[3];
    const before = this.#reading.get(target) ?? Promise.resolve();
    const read = before.then(() => this.#read(...message));
    this.#reading.set(target, read);
    return read;
  }

  /** The server says yes to what a phone cannot read: it cannot know. */
  async #read(...message: Parameters<MockServer["handleMessage"]>): Promise<void> {
    try {
      await super.handleMessage(...message);
    } catch (cause) {
      const [source, , type, target, bytes, timestamp] = message;
      this.onUnreadable({ source, target, type, bytes, timestamp: Number(timestamp), cause });
    }
  }

  /** The mock numbers devices by how many there are, and would give a number twice once one was removed. */
  override async registerDevice(...options: Parameters<MockServer["registerDevice"]>): Promise<Device> {
    const { primary } = options[0];
    if (primary === undefined) return super.registerDevice(...options);
    const devices = (await this.getAllDevicesByServiceId(primary.aci)) as Device[];
    const highest = Math.max(...devices.map(({ deviceId }) => deviceId));
    const gap = Array.from({ length: highest - devices.length }, () => primary);
    devices.splice(devices.length, 0, ...gap);
    const device = await super.registerDevice(...options);
    devices.splice(devices.length - 1 - gap.length, gap.length);
    return device;
  }

  override async getProvisioningResponse(...[id, signal]: Parameters<MockServer["getProvisioningResponse"]>) {
    await this.#desk.scanned(id, signal);
    return super.getProvisioningResponse(id, signal);
  }

  /** Whether a device shows this QR code, and waits for a phone to scan it. */
  isShown(qr: string): boolean {
    return this.#desk.isShown(qr);
  }

  /** Links the device that shows this QR code; resolves when it has handed in one-time keys of both identities. */
  async link(phone: PrimaryDevice, qr: string): Promise<Device> {
    const pending = await this.#desk.scan(qr, () => this.waitForProvision());
    const device = (await pending.complete({ provisionURL: qr, primaryDevice: phone })) as Device | undefined;
    if (device === undefined) throw new Error("The server ended before the device had handed in its keys");
    return device;
  }

  async removeDevice(account: Device["aci"], id: number): Promise<void> {
    const device = await this.getDeviceByServiceId(account, id);
    const phone = Array.from(this.#phones.values()).find(({ device: { aci } }) => aci === account);
    if (device === undefined) return;
    await this.removeDeviceByServiceId(account, device.deviceId);
    if (phone?.secondaryDevices.includes(device)) await phone.unlink(device);
    const socket = this.#mailboxes.socketOf(device);
    // A device that removes itself is answered first.
    setTimeout(() => socket?.close(REMOVED), CLOSES_AFTER);
  }

  /** Closes a device's connection with this code, as 4409 where it connected elsewhere. */
  closeConnection(device: Device, code: number): void {
    this.#mailboxes.socketOf(device)?.close(code);
  }

  isConnected(device: Device): boolean {
    return this.#mailboxes.socketOf(device) !== undefined;
  }

  /** Remembers the name that a device was linked with, of the request and the answer. */
  async linked(request: unknown, answer: unknown): Promise<void> {
    const { accountAttributes } = request as { readonly accountAttributes: { readonly name: string } };
    const { uuid, deviceId } = answer as { readonly uuid: Device["aci"]; readonly deviceId: number };
    const device = await this.getDeviceByServiceId(uuid, deviceId);
    if (device) this.#names.set(device, Uint8Array.from(Buffer.from(accountAttributes.name, "base64")));
  }

  /** The encrypted name that a device was linked with. */
  nameOf(device: Device): Uint8Array<ArrayBuffer> {
    return this.#names.get(device) ?? new Uint8Array();
  }

  async #accountOf(binary: Uint8Array<ArrayBuffer>): Promise<Device | undefined> {
    for (const { device } of this.#phones.values())
      if (Buffer.from(device.aciBinary).equals(binary)) return device;
    return undefined;
  }

  async #answer(
    endpoint: keyof typeof missingRoutes,
    request: Http2ServerRequest,
    response: Http2ServerResponse,
  ): Promise<void> {
    await serveRpc(endpoint, request, response, async (body) => {
      const { username, password } = basic(request.headers.authorization);
      const route = missingRoutes[endpoint] as (...call: readonly unknown[]) => Promise<never>;
      return route(body, this, await this.auth(username, password));
    });
  }
}
