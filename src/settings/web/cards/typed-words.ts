import type { Words } from "../words/words.ts";

interface TypedWords {
  readonly title: string;
  readonly change: string;
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly autocomplete?: string;
}

/** The page's words for what networks ask beside; what it does not know goes by its name. */
export function typedWords({ settings }: Words, name: string): TypedWords {
  const known: Readonly<Record<string, TypedWords>> = {
    country: {
      title: settings.country,
      change: settings.countryChange,
      label: settings.countryLabel,
      placeholder: "NL",
      autocomplete: "country",
    },
    captcha: {
      title: settings.proof,
      change: settings.proofChange,
      label: settings.proofLabel,
      hint: settings.proofHint,
      autocomplete: "off",
    },
  };
  return known[name] ?? { title: name, change: `${settings.change}: ${name}`, label: name };
}
