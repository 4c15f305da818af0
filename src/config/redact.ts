/**
 * A last guard: text that is about to be written loses every registered secret. What writes logs must not hand
 * secrets over in the first place.
 */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Words shorter than 8 characters are refused: they would blank out ordinary text. */
  add(secret: string): void {
    if (secret.length < 8) return;
    this.#secrets.add(secret);
    this.#secrets.add(JSON.stringify(secret).slice(1, -1));
    this.#secrets.add(encodeURIComponent(secret));
  }

  clean(text: string): string {
    let out = text;
    for (const secret of this.#secrets) out = out.replaceAll(secret, "[secret]");
    return out;
  }
}
