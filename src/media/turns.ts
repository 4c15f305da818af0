export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets one piece of work run at a time, in the order they were asked for. */
export function turns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => {});
    return mine;
  };
}
