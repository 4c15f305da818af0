/** A stanza in memory. Attribute values are strings; addresses stand in their text form (jid.ts). */
export interface Node {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly content?: readonly Node[] | Uint8Array<ArrayBuffer>;
}

type Attributes = Readonly<Record<string, string | undefined>>;
type Content = readonly Node[] | Uint8Array | string;

/** Attributes that are undefined are left out, an empty list of children too; a string becomes its UTF-8 bytes. */
export function node(tag: string, attrs: Attributes = {}, content?: Content): Node {
  const kept: Record<string, string> = {};
  for (const key in attrs) {
    const value = attrs[key];
    if (value !== undefined) kept[key] = value;
  }
  if (content === undefined || (Array.isArray(content) && content.length === 0)) return { tag, attrs: kept };
  if (typeof content === "string") return { tag, attrs: kept, content: Buffer.from(content) };
  return { tag, attrs: kept, content: content as readonly Node[] | Uint8Array<ArrayBuffer> };
}

const none: readonly Node[] = [];

/** The children, of one tag when it is given; none when the content is bytes. */
export function children(parent: Node, tag?: string): readonly Node[] {
  const { content } = parent;
  if (content === undefined || content instanceof Uint8Array) return none;
  return tag === undefined ? content : content.filter((one) => one.tag === tag);
}

export function child(parent: Node, tag: string): Node | undefined {
  const { content } = parent;
  return content === undefined || content instanceof Uint8Array
    ? undefined
    : content.find((one) => one.tag === tag);
}

/** The content when it is bytes: a view, so copy what must outlive the stanza's own buffer. */
export function bytes(of: Node): Uint8Array<ArrayBuffer> | undefined {
  return of.content instanceof Uint8Array ? of.content : undefined;
}

/** The content as text. Bytes that are not UTF-8 are shown with U+FFFD. */
export function text(of: Node): string | undefined {
  const raw = bytes(of);
  return raw === undefined
    ? undefined
    : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("utf8");
}
