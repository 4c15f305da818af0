import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ErrorCode } from "@signalapp/libsignal-client";
import { messageId } from "../../../tools/signal-mock/control/phone-item.ts";
import { PhoneScreen } from "../../../tools/signal-mock/control/phone-screen.ts";
import { perform } from "../../../tools/signal-mock/control/verbs.ts";
import type { Heard } from "../../../tools/signal-mock/journal.ts";
import type { Person } from "../../../tools/signal-mock/person.ts";
import { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";
import { LinkedDevice } from "../../kit/signal/linked-device.ts";

describe("Signal's mock server, read by libsignal alone", () => {
  let mock: SignalMock;
  let anna: Person;
  let bea: Person;
  let device: LinkedDevice;
  const stack = new AsyncDisposableStack();

  beforeAll(async () => {
    mock = stack.use(await SignalMock.start());
    anna = await mock.person("Anna");
    bea = await mock.person("Bea");
    device = stack.use(await LinkedDevice.link(mock, anna));
  });

  afterAll(() => stack.disposeAsync());

  test("a device that showed a QR code is linked", () => {
    expect(anna.linkedDevices.map(({ deviceId }) => deviceId)).toEqual([2]);
  });

  test.each([
    {},
    { attachmentBackfill: true, spqr: true },
    { attachmentBackfill: true, spqr: true, usernameChangeSyncMessage: false },
  ])(
    "a device that can do no more than %j is not linked, as the account would lose the rest",
    async (can) => {
      const linking = LinkedDevice.link(mock, anna, can);
      await expect(linking).rejects.toThrow("PUT /v1/devices/link was answered with 409");
      expect(anna.linkedDevices).toHaveLength(1);
    },
  );

  test("a contact's text reaches the device, sealed, and is acknowledged", async () => {
    const { timestamp, acknowledged } = await bea.says(anna, "Good morning");
    await acknowledged;
    const { from, sealed, content } = await device.hears("Good morning");
    expect({ from, sealed }).toEqual({ from: bea.aci, sealed: true });
    expect(content?.content?.dataMessage?.timestamp).toBe(BigInt(timestamp));
  });

  test("a text of the device reaches the contact by libsignal's typed send", async () => {
    await device.says(bea, "And to you");
    expect(await bea.hears("And to you")).toMatchObject({ from: anna.aci, device: 2, sealed: false });
  });

  test("the device hears what the phone wrote, and so does the contact", async () => {
    await anna.writesFromPhone(bea, "From the train");
    await bea.hears("From the train");
    const { content } = await device.journal.find(
      "a transcript",
      (heard) => !!heard.content?.content?.syncMessage,
    );
    expect(content?.content?.syncMessage?.content?.sent?.message?.body).toBe("From the train");
  });

  test("and what the phone answered, with what it answers, by its page too", async () => {
    const { timestamp } = await bea.says(anna, "Which train?");
    await device.hears("Which train?");
    const screen = new PhoneScreen(anna, () => "Bea");
    const id = messageId(bea.aci, timestamp);
    const come = {
      kind: "text",
      text: "Which train?",
      id,
      from: bea.aci,
      chat: bea.aci,
      at: timestamp,
    } as const;
    screen.add(come);
    await perform({ mock, screen }, { verb: "says", to: bea.aci, text: "The slow one", target: id });
    await bea.hears("The slow one");
    const isIt = ({ content }: Heard) =>
      content?.content?.syncMessage?.content?.sent?.message?.body === "The slow one";
    const { content } = await device.journal.find("the transcript", isIt);
    expect(content?.content?.syncMessage?.content?.sent?.message?.quote?.id).toBe(BigInt(timestamp));
  });

  test("a file that a phone sent is fetched as it was", async () => {
    const bytes = Buffer.from("a picture, as it were");
    await bea.sendsFiles(anna, [{ bytes, contentType: "image/png" }], { data: { body: "Look" } });
    const [pointer] = (await device.hears("Look")).content?.content?.dataMessage?.attachments ?? [];
    if (!pointer) throw new Error("no file");
    expect(Buffer.from(await anna.file(pointer))).toEqual(bytes);
  });

  test("a contact who is blocked on the phone is so in what the account stores, and devices are told", async () => {
    await anna.blocks(bea);
    expect((await anna.stored(bea))?.blocked).toBe(true);
    await device.journal.find(
      "that the storage changed",
      ({ content }) => content?.content?.syncMessage?.content?.fetchLatest !== undefined,
    );
  });

  test("a device that is removed on the phone is refused", async () => {
    const other = stack.use(await LinkedDevice.link(mock, anna));
    const removed = anna.linkedDevices.at(-1);
    if (removed) await anna.unlinks(removed);
    await expect(other.connect()).rejects.toMatchObject({ code: ErrorCode.DeviceDelinked });
  });
});
