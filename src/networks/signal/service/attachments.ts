import { ErrorCode, LibSignalErrorBase, type Net } from "@signalapp/libsignal-client";
import { BridgeError } from "../../../core/model/errors.ts";
import type { Chat } from "./chat.ts";
import { requestFailure } from "./send-failures.ts";

/** Where an encrypted file of so many bytes may be brought. Throws BridgeError. */
export async function uploadForm({ authenticated }: Chat, length: number): Promise<Net.UploadForm> {
  try {
    return await authenticated.getUploadForm({ uploadSize: BigInt(length) });
  } catch (cause) {
    if (!LibSignalErrorBase.is(cause, ErrorCode.UploadTooLarge)) throw requestFailure(cause);
    throw new BridgeError("too-large", {
      words: "The file is larger than Signal takes.",
      certain: true,
      cause,
    });
  }
}
