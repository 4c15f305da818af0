import type { NamespaceOptions } from "../http/namespace.ts";
import { Requests } from "../http/requests.ts";
import type { Registration } from "../registration/registration.ts";

export interface CheckOptions {
  readonly homeserverUrl: string;
  readonly registration: Registration;
  /** The registration's file, to name it in the words. */
  readonly registrationPath: string;
  readonly names: NamespaceOptions;
}

export interface CheckContext extends CheckOptions {
  readonly requests: Requests;
}

export async function withRequests<Result>(
  options: CheckOptions,
  act: (context: CheckContext) => Promise<Result>,
): Promise<Result> {
  const { homeserverUrl, registration } = options;
  await using requests = new Requests({ homeserverUrl, asToken: registration.as_token, connections: 1 });
  return await act({ ...options, requests });
}
