import {
  ClientPayload_Product,
  ClientPayloadSchema,
} from "../../networks/meta-interop/wire/gen/handshake_pb.js";
import { decodeProtobuf } from "../../networks/meta-interop/wire/protobuf.ts";
import type { NetworkName } from "../config.ts";
import type { Violations } from "../faults/violations.ts";
import { x25519Thumbprint } from "../partner/thumbprint.ts";
import type { TokenCheck } from "../partner/token-check.ts";
import { type Account, type Accounts, accountJid } from "../state/accounts.ts";
import type { NetworkStates } from "../state/network-states.ts";
import type { Hello } from "./chat-socket.ts";

const products: Record<NetworkName, ClientPayload_Product> = {
  whatsapp: ClientPayload_Product.INTEROP,
  messenger: ClientPayload_Product.INTEROP_MSGR,
};

/** The account that logged in, or the `<failure>` reason: 400 malformed, 401 not allowed, 410 integrator removed, 503 try later. */
export type LoginResult = { readonly account: Account } | { readonly failure: "400" | "401" | "410" | "503" };

/** Checks the ClientPayload of a handshake: product, account, token, and that all name the Noise key of the handshake. */
export function loginCheck(parts: {
  readonly network: NetworkName;
  readonly chatUrl: () => string;
  readonly accounts: Accounts;
  readonly states: NetworkStates;
  readonly check: TokenCheck;
  readonly violations: Violations;
}) {
  const { network, accounts, states, violations } = parts;

  function read({ clientPayload }: Hello): { id: number; token: string } | undefined {
    try {
      const payload = decodeProtobuf(ClientPayloadSchema, clientPayload);
      const { interopData, product, device } = payload;
      if (product !== products[network] || interopData === undefined || device !== 0) return undefined;
      const id = Number(interopData.accountId);
      if (!Number.isSafeInteger(id) || interopData.token.length > 8192) return undefined;
      return { id, token: Buffer.from(interopData.token).toString("utf8") };
    } catch {
      return undefined;
    }
  }

  return async (hello: Hello): Promise<LoginResult> => {
    const claimed = read(hello);
    if (claimed === undefined) {
      violations.add({
        kind: "bad-client-payload",
        network,
        words: "product, device or interop data are wrong",
      });
      return { failure: "400" };
    }
    const result = await parts.check(claimed.token, parts.chatUrl(), states.integrators(network));
    if (!result.ok) {
      if (result.fault === "unreachable") return { failure: "503" };
      const kind = result.fault === "replayed" ? "reused-jti" : "bad-token";
      violations.add({ kind, network, words: `at a connection: ${result.words}` });
      return { failure: "401" };
    }
    const { claims, integrator } = result;
    if (integrator.status === "removed") return { failure: "410" };
    const account = accounts.get(claimed.id);
    // The user may have been de-enlisted meanwhile by another process of the bridge: no violation.
    if (account === undefined || account.network !== network || account.state !== "active")
      return { failure: "401" };
    const user = accountJid(account);
    const jkt = x25519Thumbprint(hello.clientStatic);
    if (account.iss !== claims.iss || account.sub !== claims.sub) {
      violations.add({
        kind: "bad-token",
        network,
        user,
        words: "the token is of another user than the account",
      });
      return { failure: "401" };
    }
    if (jkt !== claims.cnf.jkt || jkt !== account.jkt) {
      violations.add({
        kind: "bad-token",
        network,
        user,
        words: "the Noise key is not the token's or not enlisted",
      });
      return { failure: "401" };
    }
    return { account };
  };
}
