/** Who one is and which room is open; written in the address's fragment, so that the browser's Back works. */
export interface Route {
  /** Localpart of the person; the first of the demo where none is named. */
  readonly person: string | undefined;
  readonly room: string | undefined;
}

export const hashOf = ({ person = "", room }: Route): string =>
  `#/${[person, ...(room === undefined ? [] : [room])].map(encodeURIComponent).join("/")}`;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function routeOf(hash: string): Route {
  const [person, room] = hash
    .replace(/^#\/?/, "")
    .split("/")
    .map(decoded)
    .map((part) => (part === "" ? undefined : part));
  return { person, room };
}

export const go = (route: Route): void => void (location.hash = hashOf(route));
