import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { h, type View } from "../../../page/web/dom.ts";
import { useSpeech } from "../words/speech.ts";

interface FirstOnes<T> {
  readonly shown: readonly T[];
  /** Of the list that they stand in. */
  readonly list: RefObject<HTMLUListElement | null>;
  /** Asks for the rest, where there is one. */
  readonly more: View | false;
}

/** The first so many of a list until all are asked for: then the keyboard goes on at the first of the rest. */
export function useFirstOnes<T>(all: readonly T[], atFirst: number): FirstOnes<T> {
  const { people } = useSpeech().words;
  const [isAll, setAll] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    const next = isAll ? list.current?.children[atFirst] : undefined;
    if (!(next instanceof HTMLElement)) return;
    next.tabIndex = -1;
    next.focus();
  }, [isAll]);
  const more =
    !isAll &&
    all.length > atFirst &&
    h("button", { type: "button", onClick: () => setAll(true) }, people.all);
  return { shown: isAll ? all : all.slice(0, atFirst), list, more };
}
