import { HttpError } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-server.ts";
import type { People } from "../phone/people.ts";
import type { Person } from "../phone/person.ts";

/** The person whom a request's path names; throws 404 when there is none. */
export const namedPerson =
  (people: People) =>
  ({ params }: HttpRequest): Person => {
    const person = people.get(params["person"] ?? "");
    if (person === undefined) throw new HttpError(404, "no-such-person", "There is no person of this name.");
    return person;
  };
