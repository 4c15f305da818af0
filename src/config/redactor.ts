/** Removes registered secrets from log text, as a last safeguard: callers must not log secrets in the first place. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Registers a secret; one of less than 8 characters is ignored, as it would blank out ordinary text. */
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
