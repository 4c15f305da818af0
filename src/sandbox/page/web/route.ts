/** Where one is on the phone; written in the address's fragment, so that the browser's Back works. */
export type Route =
  | { readonly at: "people" | "newPerson" }
  | {
      readonly at: "chats" | "thirdParty" | "newChat" | "newGroup" | "settings" | "account";
      readonly person: string;
    }
  | { readonly at: "chat" | "contact"; readonly person: string; readonly with: string };

const screens = {
  thirdParty: "third-party",
  newChat: "new",
  newGroup: "new-group",
  settings: "settings",
  account: "account",
} as const;

export function hashOf(route: Route): string {
  if (!("person" in route)) return route.at === "people" ? "#/" : "#/new";
  const person = `#/${encodeURIComponent(route.person)}`;
  if (route.at === "chats") return person;
  if (route.at === "chat" || route.at === "contact")
    return `${person}/${route.at}/${encodeURIComponent(route.with)}`;
  return `${person}/${screens[route.at]}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function routeOf(hash: string): Route {
  const [person = "", screen = "", whom = ""] = hash.replace(/^#\/?/, "").split("/").map(decoded);
  if (person === "") return { at: "people" };
  if (person === "new") return { at: "newPerson" };
  if ((screen === "chat" || screen === "contact") && whom !== "") return { at: screen, person, with: whom };
  for (const at of Object.keys(screens) as (keyof typeof screens)[]) {
    if (screens[at] === screen) return { at, person };
  }
  return { at: "chats", person };
}

export const go = (route: Route): void => void (location.hash = hashOf(route));
