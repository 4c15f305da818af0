import { expect, test } from "@jest/globals";
import { inEea } from "../../../src/networks/meta-interop/login/eea.ts";

const inside =
  "NL,nl,Nederland,the Netherlands,Holland,Österreich,o\u0308sterreich,GR,EL,Ελλάδα,France,Germany,Czech Republic,Česko,Norway,Ísland,Liechtenstein,EEA";

test.each(inside.split(","))("%s is in the EEA", (typed) => expect(inEea(typed)).toBe(true));

test.each(["US", "United States", "UK", "England", "Schweiz", "Switzerland", "Brasil", "Türkiye", "Россия"])(
  "%s is not in the EEA, or is a word of no language of the EEA",
  (typed) => expect(inEea(typed)).not.toBe(true),
);

test.each(["", "please", "thanks", "whatsapp", "zz", "Atlantis", "of course", "__proto__"])(
  "“%s” is no country",
  (typed) => expect(inEea(typed)).toBeUndefined(),
);
