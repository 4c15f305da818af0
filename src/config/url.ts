import { z } from "zod";
import { field } from "./field.ts";

/** An http(s) address without what does not belong in one, and without a slash at its end. */
export const urlField = (what: string, example: string) =>
  field(
    z
      .url({ protocol: /^https?$/ })
      .regex(/^[^?#@]*$/)
      .overwrite((text) => text.replace(/\/+$/, "")),
    `${what}, as an http(s) URL without user name, ? or #`,
    example,
  );
