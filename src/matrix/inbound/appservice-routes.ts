/** The calls of the Application Service API, also by its older paths without a prefix. */
export type Call =
  | { readonly kind: "transaction"; readonly txn: string }
  | { readonly kind: "ping" }
  | { readonly kind: "user"; readonly user: string }
  | { readonly kind: "alias"; readonly alias: string }
  | { readonly kind: "protocol"; readonly protocol: string }
  /** A look-up of users or rooms by a network's own names. */
  | { readonly kind: "third-party" };

export type Matched =
  | { readonly kind: "call"; readonly call: Call }
  | { readonly kind: "wrong-method"; readonly allowed: string }
  | { readonly kind: "unknown" }
  | { readonly kind: "malformed" };

interface CallRule {
  readonly method: string;
  readonly path: RegExp;
  readonly call: (value: string) => Call;
}

const rules: readonly CallRule[] = [
  { method: "PUT", path: /^transactions\/([^/]+)$/, call: (txn) => ({ kind: "transaction", txn }) },
  { method: "POST", path: /^ping$/, call: () => ({ kind: "ping" }) },
  { method: "GET", path: /^users\/([^/]+)$/, call: (user) => ({ kind: "user", user }) },
  { method: "GET", path: /^rooms\/([^/]+)$/, call: (alias) => ({ kind: "alias", alias }) },
  {
    method: "GET",
    path: /^thirdparty\/protocol\/([^/]+)$/,
    call: (protocol) => ({ kind: "protocol", protocol }),
  },
  {
    method: "GET",
    path: /^thirdparty\/(?:user|location)(?:\/([^/]+))?$/,
    call: () => ({ kind: "third-party" }),
  },
];

const PREFIX = /^\/(?:_matrix\/app\/(?:v1|unstable)\/)?/;

export function matchCall(method: string, path: string): Matched {
  const rest = path.replace(PREFIX, "");
  for (const rule of rules) {
    const match = rule.path.exec(rest);
    if (match === null) continue;
    if (method !== rule.method) return { kind: "wrong-method", allowed: rule.method };
    try {
      return { kind: "call", call: rule.call(decodeURIComponent(match[1] ?? "")) };
    } catch {
      return { kind: "malformed" };
    }
  }
  return { kind: "unknown" };
}
