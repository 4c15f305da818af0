import type { NetworkCard, Resolved } from "../api/answers.ts";
import { path } from "../api/api.ts";
import type { Person } from "../state/person.ts";

export interface ContactProps {
  readonly person: Person;
  readonly contact: Resolved;
  readonly network: NetworkCard | undefined;
}

/** A route about one contact. */
export const contactPath = ({ id, login_id }: Resolved, what: string): string =>
  path(["person", "v1", "contacts", id, what], { login_id });
