/** A Matrix error answer: the status, and the errcode when the body had one. */
export class MatrixFailure extends Error {
  readonly status: number;
  readonly errcode: string | undefined;

  constructor(status: number, errcode: string | undefined, what: string) {
    super(`${what} was answered ${status} ${errcode ?? ""}`.trimEnd());
    this.status = status;
    this.errcode = errcode;
  }
}

export type Json = Readonly<Record<string, unknown>>;
export type Call = (method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: Json) => Promise<Json>;

/** Client-server calls with one access token; `path` begins after `/_matrix/client/`. */
export function matrixApi(homeserver: string, token: string | undefined, signal: AbortSignal): Call {
  return async (method, path, body) => {
    const response = await fetch(`${homeserver}/_matrix/client/${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    const text = await response.text();
    const answer = parse(text);
    if (response.ok && answer !== undefined) return answer;
    const errcode = answer?.["errcode"];
    const what = `${method} ${path.split("?")[0]}`;
    throw new MatrixFailure(response.status, typeof errcode === "string" ? errcode : undefined, what);
  };
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
