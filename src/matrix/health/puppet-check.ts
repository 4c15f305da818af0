import { BridgeError } from "../../core/model/errors.ts";
import type { UserId } from "../../core/model/ids.ts";
import { errcodeOf } from "../http/errcode.ts";
import { faultOfReply } from "../http/homeserver-error.ts";
import { fieldOf } from "../http/json.ts";
import { namespaceOf } from "../http/namespace.ts";
import { type Requests, route } from "../http/requests.ts";
import type { Registration } from "../registration/registration.ts";
import { type CheckOptions, withRequests } from "./check-context.ts";

const refusal = (words: string): BridgeError => new BridgeError("homeserver-fault", { words, certain: true });

/**
 * Acts as the bot by the second registration, whose namespace covers it as all names of the server; `file` is that
 * registration's. Throws BridgeError with words where the homeserver does not allow it.
 */
export const checkPuppets = (options: CheckOptions, second: Registration, file: string): Promise<void> =>
  withRequests({ ...options, registration: second }, ({ requests, names }) =>
    actAs(requests, namespaceOf(names).bot, file),
  );

async function actAs(requests: Requests, user: UserId, file: string): Promise<void> {
  const path = route`/_matrix/client/v3/account/whoami`;
  const reply = await requests.ask({ method: "GET", path, as: user });
  if (reply.status === 200 && fieldOf(reply.body, "user_id") === user) return;
  if (reply.status === 401) {
    throw refusal(
      `The homeserver does not know the as_token of ${file}. Synapse: name that file too under app_service_config_files in homeserver.yaml and restart Synapse; or remove the file to do without.`,
    );
  }
  if (reply.status === 403) {
    throw refusal(
      `The homeserver does not let the bridge act as ${user} (${errcodeOf(reply.body) ?? "no errcode"}). The registration it has loaded is not ${file}, or that user does not exist there: give it that file and restart it.`,
    );
  }
  if (reply.status === 200) {
    throw refusal(
      "The homeserver takes no user_id from a bridge (the query parameter of application services), so that it would act as somebody else. Remove that file to do without; then people join their chats themselves.",
    );
  }
  throw faultOfReply(reply);
}
