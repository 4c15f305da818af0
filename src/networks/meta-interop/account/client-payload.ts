import { create, toBinary } from "@bufbuild/protobuf";
import type { Profile } from "../profile.ts";
import { ClientPayload_Product, ClientPayloadSchema } from "../wire/gen/handshake_pb.js";
import type { Account } from "./account.ts";
import { makeToken, type TokenMaker } from "./token.ts";

/** The ClientPayload that ends a handshake and says who we are, with a new token. */
export async function clientPayload(
  { product }: Pick<Profile, "product">,
  { chatUrl, identifier, noise, accountId }: Account,
  tokens: TokenMaker,
): Promise<Uint8Array> {
  const token = await makeToken(tokens, { identifier, audience: chatUrl, noiseKey: noise.publicKey });
  const interopData = { accountId: BigInt(accountId), token: Buffer.from(token), enableReadReceipts: true };
  return toBinary(
    ClientPayloadSchema,
    create(ClientPayloadSchema, {
      passive: false,
      device: 0,
      product: ClientPayload_Product[product],
      interopData,
    }),
  );
}
