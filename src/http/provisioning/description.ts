import { z } from "zod";
import type { Described } from "./route.ts";
import { failure } from "./shapes.ts";

type Json = Readonly<Record<string, unknown>>;

/** Statuses that any route may refuse with. */
const ALWAYS = [400, 401, 403, 404, 429, 500, 503];

const WORDS: Readonly<Record<number, string>> = {
  200: "Done.",
  201: "Made.",
  400: "Something in the request is not as it should be.",
  401: "Nobody is named, or the token is not known.",
  403: "The person may not do this.",
  404: "There is no such thing, or it is somebody else's.",
  409: "It is not so any more, or something else is being worked on.",
  410: "The link opens nothing any more.",
  413: "The body is too long.",
  415: "The body is not JSON.",
  429: "There were too many requests, or too many failures.",
  500: "Something went wrong inside the bridge.",
  501: "The network has no such thing.",
  502: "The network refused it.",
  503: "What is needed for it does not answer at the moment.",
};

const INTRODUCTION =
  "The provisioning API of this bridge. Routes under /v3 are those of mautrix bridgev2, so that its clients work; all " +
  "others are this bridge's own. Under /{network} the same routes are about that network alone. Whoever asks is named " +
  "by a bearer token: a Matrix access token of the bridge's homeserver; “openid:” and an OpenID token of any " +
  "homeserver, with the person as user_id; or the shared secret, with the person as user_id.";

/** The OpenAPI 3.1 document of routes, made of what they check. */
export function descriptionOf(routes: readonly Described[], base: string, version: string): Json {
  const schemas = new Map<string, unknown>();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const methods = (paths[route.path] ??= {});
    methods[route.method.toLowerCase()] = operation(route, schemas);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Third-party chats: provisioning", version, description: INTRODUCTION },
    servers: [{ url: `${base}/_matrix/provision` }],
    security: [{ matrix_auth: [] }],
    tags: [
      { name: "v3", description: "As mautrix bridgev2 has them" },
      { name: "person", description: "This bridge's own, for a person" },
      { name: "administration", description: "This bridge's own, for its administrators" },
    ],
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: { matrix_auth: { type: "http", scheme: "bearer" } },
    },
  };
}

function operation(route: Described, schemas: Map<string, unknown>): Json {
  const { id, summary, tag, params, query, body, answer, also, refuses = [] } = route;
  const ok = { description: WORDS[200], content: json(schemaOf(answer, "output", schemas)) };
  const refusal = schemaOf(failure, "output", schemas);
  const statuses = [...ALWAYS, ...(body === undefined ? [] : [413, 415]), ...refuses];
  const refusals = Array.from(new Set(statuses)).sort((a, b) => a - b);
  return {
    operationId: id,
    summary,
    tags: [tag],
    parameters: [...parameters(params, "path", schemas), ...parameters(query, "query", schemas), USER_ID],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemaOf(body, "input", schemas)) } }),
    responses: {
      200: ok,
      ...(also === undefined ? {} : { [also]: { ...ok, description: WORDS[also] } }),
      ...Object.fromEntries(
        refusals.map((status) => [status, { description: WORDS[status] ?? "", content: json(refusal) }]),
      ),
    },
  };
}

const USER_ID = {
  name: "user_id",
  in: "query",
  required: false,
  description: "Whose request it is; needed with an OpenID token and with the shared secret",
  schema: { type: "string", maxLength: 255 },
};

function parameters(schema: z.ZodObject | undefined, where: "path" | "query", schemas: Map<string, unknown>) {
  if (schema === undefined) return [];
  const required = new Set(schemaNamed(schema, "input")["required"] as readonly string[] | undefined);
  return Object.entries(schema.shape).map(([name, part]) => {
    const { description, ...rest } = schemaOf(part as z.ZodType, "input", schemas);
    return {
      name,
      in: where,
      required: where === "path" || required.has(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

const json = (schema: Json): Json => ({ "application/json": { schema } });

const schemaNamed = (schema: z.ZodType, io: "input" | "output"): Json =>
  z.toJSONSchema(schema, { io, target: "draft-2020-12", unrepresentable: "any" });

/** The schema, with those that have a name moved to the document's components. */
function schemaOf(schema: z.ZodType, io: "input" | "output", schemas: Map<string, unknown>): Json {
  const { $schema: _dialect, $defs = {}, ...whole } = schemaNamed(schema, io);
  for (const [name, one] of Object.entries($defs as Json)) schemas.set(name, moved(one));
  const own = moved(whole) as Json;
  const id = z.globalRegistry.get(schema)?.["id"];
  if (typeof id !== "string") return own;
  schemas.set(id, own);
  return { $ref: `#/components/schemas/${id}` };
}

/** With its references to the document's components, and without ids, which would be addresses of their own. */
function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "id" || !isName(value));
  return Object.fromEntries(
    entries.map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string"
        ? inner.replace("#/$defs/", "#/components/schemas/")
        : moved(inner),
    ]),
  );
}

/** A schema with zod's name for it, rather than a property that is called `id`. */
const isName = (value: object): boolean => typeof Reflect.get(value, "id") === "string";
