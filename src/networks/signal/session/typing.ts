import { ContentHint } from "@signalapp/libsignal-client";
import type { ChatId } from "../../../core/model/ids.ts";
import { faultOf } from "../../../core/ports/log.ts";
import { personIn } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { encodeContent } from "../wire/encode-content.ts";
import { pad } from "../wire/padding.ts";
import type { Configuration } from "./configuration.ts";
import { deliver } from "./deliver.ts";

/** Tells the contact whether our person is writing, where the person lets that be told. Best effort. */
export async function tellTyping(
  context: LoginContext,
  configuration: Configuration,
  chat: ChatId,
  active: boolean,
): Promise<void> {
  const { store, clock, log, login, own } = context;
  const to = personIn(chat);
  try {
    if (to === own || !(await configuration.get()).typingIndicators) return;
    const at = clock.now();
    await deliver(context, {
      to,
      plaintext: pad(encodeContent({ body: { kind: "typing", typing: active, at } })),
      timestamp: at,
      hint: ContentHint.Implicit,
      online: true,
      urgent: false,
      commit: (record) => store.write(record),
    });
  } catch (error) {
    log.debug("that our person is writing could not be told", { login, ...faultOf(error) });
  }
}
