import { type ComponentChildren, h as create, type JSX, type Key } from "preact";

/** What a component shows. */
export type View = JSX.Element;

type Elements = JSX.IntrinsicElements;

/** Preact's `h`, strict in what an element or component takes: its own answers a type that no component may return. */
export function h<Tag extends keyof Elements>(
  tag: Tag,
  props: Elements[Tag] | null,
  ...children: ComponentChildren[]
): View;
export function h<Props>(
  component: (props: Props) => View,
  props: Props & { readonly key?: Key },
  ...children: ComponentChildren[]
): View;
export function h(type: unknown, props: unknown, ...children: ComponentChildren[]): View {
  return create(type as string, props as null, ...children);
}
