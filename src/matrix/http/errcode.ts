import { fieldOf } from "./json.ts";

/**
 * The `errcode` of a standard error response in its stable spelling, if it is one. Until an error is in the
 * specification servers say `ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE` or `FI.MAU.MSC2246_NOT_YET_UPLOADED` for what is
 * `M_UNKNOWN_DEVICE` and `M_NOT_YET_UPLOADED` later.
 */
export function errcodeOf(body: unknown): string | undefined {
  const code = fieldOf(body, "errcode");
  if (typeof code !== "string") return undefined;
  return code.slice(code.lastIndexOf(".") + 1).replace(/^MSC\d+_/, "M_");
}
