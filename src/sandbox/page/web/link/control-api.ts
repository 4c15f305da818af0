import type { PersonSettings } from "../../model/phone.ts";

/** The control API of the sandbox that serves this page. */
const base = "/_sandbox/v1";

/** An answer other than 2xx, or none at all; `words` are for the reader. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, words: string) {
    super(words);
    this.status = status;
    this.code = code;
  }
}

interface ErrorBody {
  readonly error?: { readonly code?: string; readonly words?: string };
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = { "content-type": "application/json" };
  const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await fetch(base + path, { method, ...sent });
  } catch {
    throw new Refusal(0, "away", "The sandbox does not answer. Is it still running?");
  }
  const answer = (await response.json().catch(() => ({}))) as T & ErrorBody;
  if (response.ok) return answer;
  const { code = "", words = `The sandbox answered ${response.status}.` } = answer.error ?? {};
  throw new Refusal(response.status, code, words);
}

export const addressOf = (path: string): string => base + path;

/** Where somebody's picture is; undefined where they have none. */
export const pictureAddress = ({ person, picture }: Pick<PersonSettings, "person" | "picture">) =>
  picture === null
    ? undefined
    : addressOf(`/people/${encodeURIComponent(person)}/picture?of=${encodeURIComponent(picture)}`);

/** Where a group's picture is; undefined where it has none. */
export const groupPicture = (
  group: { readonly group: string; readonly picture: string | null } | undefined,
) =>
  group === undefined || group.picture === null
    ? undefined
    : addressOf(`/groups/${encodeURIComponent(group.group)}/picture?of=${encodeURIComponent(group.picture)}`);

export const mediaAddress = (person: string, id: string): string =>
  addressOf(`/people/${encodeURIComponent(person)}/media/${encodeURIComponent(id)}`);
