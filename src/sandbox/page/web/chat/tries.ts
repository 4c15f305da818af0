import { useState } from "preact/hooks";

/** The address of a file that may not come at first, and what to do when it did not. */
export function useTries(address: string) {
  const [tries, setTries] = useState(0);
  const [failed, setFailed] = useState(false);
  return {
    src: tries === 0 || address.startsWith("blob:") ? address : `${address}?try=${tries}`,
    failed,
    onError: (): void => setFailed(true),
    again: (): void => {
      setFailed(false);
      setTries(tries + 1);
    },
  };
}
