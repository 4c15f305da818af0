import type { Net } from "@signalapp/libsignal-client";
import { Net as libsignal } from "@signalapp/libsignal-client";
import { signalSection } from "../../../src/networks/signal/config.ts";
import { signalServers } from "../../../src/networks/signal/servers.ts";
import type { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";

const nothing = (): void => undefined;

/** What the connector makes of the mock's section. */
export const serversOf = ({ section }: SignalMock) => signalServers(signalSection.parse(section).server);

/** Forms for uploads to the mock, asked of it by libsignal's own call. */
export async function uploadForms(mock: SignalMock) {
  const password = "a password";
  const { device } = await mock.server.createPrimaryDevice({ profileName: "uploader", password });
  const { net } = serversOf(mock);
  const listener = { onIncomingMessage: nothing, onQueueEmpty: nothing, onConnectionInterrupted: nothing };
  const chat = (await new libsignal.Net({ ...net, userAgent: "a bridge" }).connectAuthenticatedChat(
    device.aci,
    password,
    false,
    listener,
  )) as Net.AuthenticatedChatConnection & Net.AuthMessagesService;
  return {
    uploadForm: (length: number) => chat.getUploadForm({ uploadSize: BigInt(length) }),
    [Symbol.asyncDispose]: () => chat.disconnect(),
  };
}
