import { createRequire } from "node:module";
import type { signalservice as Protos } from "@signalapp/mock-server/protos/compiled.js";

/** The mock server's own parser and encoder of Signal's protobufs, which nobody of us wrote. */
export const { signalservice } = createRequire(import.meta.url)(
  "@signalapp/mock-server/protos/compiled.js",
) as { readonly signalservice: typeof Protos };

/** With numbers for enums, whose values of the future a test may send. */
type Given<Value> = Value extends number
  ? number
  : Value extends Uint8Array | bigint | string | boolean | null
    ? Value
    : Value extends readonly (infer Item)[]
      ? readonly Given<Item>[]
      : { readonly [Key in keyof Value]?: Given<Value[Key]> };

/** What another client may send, by the mock's encoder. */
export const contentBytes = (content: Given<Protos.Content.Params>): Uint8Array =>
  signalservice.Content.encode(content as unknown as Protos.Content.Params);

/** Paths of what the mock's parser did not know. */
export function unknownIn(decoded: unknown, path = ""): string[] {
  if (typeof decoded !== "object" || decoded === null || decoded instanceof Uint8Array) return [];
  return Object.entries(decoded).flatMap(([key, value]) =>
    key === "$unknown" && Array.isArray(value) && value.length > 0
      ? [`${path}.${key}`]
      : unknownIn(value, `${path}.${key}`),
  );
}
