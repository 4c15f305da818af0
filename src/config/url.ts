import { z } from "zod";
import { field } from "./field.ts";

/** A field for an http(s) address without user, query or fragment; a slash at its end is dropped. */
export const urlField = (what: string, example: string) =>
  field(
    z
      .url({ protocol: /^https?$/ })
      .regex(/^[^?#@]*$/)
      .overwrite((text) => text.replace(/\/+$/, "")),
    `${what}, as an http(s) URL without user name, ? or #`,
    example,
  );
