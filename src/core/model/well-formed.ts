/** A backslash that is meant, a pair of surrogates, or a lone one. */
const SURROGATES = /\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\u(d[89a-f][0-9a-f]{2})/gi;

/**
 * JSON in which no text, key or value, holds half a character (a lone surrogate, RFC 8259 section 8.2): U+FFFD stands
 * for it. Takes and gives JSON as text, so that whatever is read or leaves through it is covered; what is no JSON
 * stays as it is but for that. `JSON.stringify` writes lone surrogates as escapes.
 */
export function wellFormedJson(json: string): string {
  const whole = json.toWellFormed();
  if (!/\\ud/i.test(whole)) return whole;
  return whole.replaceAll(SURROGATES, (escape, lone: string | undefined) =>
    lone === undefined ? escape : "\\ufffd",
  );
}
