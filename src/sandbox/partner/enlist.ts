import { decodeJwt } from "jose";
import { z } from "zod";
import type { NetworkName } from "../config.ts";
import { anonymousTarget, type FaultTarget, faultTarget } from "../faults/fault-target.ts";
import type { Faults } from "../faults/faults.ts";
import type { Violations } from "../faults/violations.ts";
import { HttpError } from "../http/http-error.ts";
import type { HttpRequest, Route } from "../http/http-server.ts";
import { type Account, type Accounts, accountJid } from "../state/accounts.ts";
import type { CommitGroup } from "../state/commit-group.ts";
import type { NetworkStates } from "../state/network-states.ts";
import { inEea } from "./eea.ts";
import type { Endpoints } from "./endpoints.ts";
import type { Claims, TokenCheck } from "./token-check.ts";

interface EnlistParts {
  readonly network: NetworkName;
  readonly endpoints: () => Endpoints;
  readonly accounts: Accounts;
  readonly commits: CommitGroup;
  readonly states: NetworkStates;
  readonly check: TokenCheck;
  readonly faults: Faults;
  readonly violations: Violations;
  /** Deletes an account's keys, waiting stanzas and messages. Called inside a commit. */
  readonly erase: (account: Account) => void;
  readonly disconnect: (account: Account) => void;
}

const body = z.strictObject({ id_token: z.string().min(1) });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The enlistment API of one network: `POST /v1/enlist` and `DELETE /v1/enlist/{account_id}`. */
export function enlistRoutes(parts: EnlistParts): readonly Route[] {
  const { network, accounts, commits, states, faults, violations } = parts;

  function failByRule(target: FaultTarget): void {
    const fault = faults.hit(["http-error", "throttle"], target);
    if (fault?.fault === "throttle") {
      const seconds = Math.max(1, Math.ceil((fault.ms ?? 1000) / 1000));
      throw new HttpError(429, "throttled", "Too many requests; come back later.", seconds);
    }
    if (fault !== undefined)
      throw new HttpError(503, "unavailable", "The enlistment service is not available.");
  }

  /** The user that an unchecked token names, for the fault rules: by all names where the account exists, else by visible id. */
  function targetOf(token: string): FaultTarget {
    const base = anonymousTarget(network, "from_bridge", "enlist");
    try {
      const { iss = "", sub = "" } = decodeJwt(token);
      const account = accounts.find(network, iss, sub);
      return account === undefined ? { ...base, user: [sub] } : faultTarget(account, "from_bridge", "enlist");
    } catch {
      return base;
    }
  }

  async function claimsOf(token: string): Promise<{ claims: Claims; integrator: number }> {
    const result = await parts.check(token, parts.endpoints().enlist, states.integrators(network));
    if (result.ok) {
      if (result.integrator.status !== "removed" && !states.of(network).ended) {
        return { claims: result.claims, integrator: result.integrator.id };
      }
      throw new HttpError(410, "integrator-removed", "This network no longer works with your service.");
    }
    if (result.fault === "unreachable") throw new HttpError(503, "keys-unreachable", result.words);
    const kind = result.fault === "replayed" ? "reused-jti" : "bad-token";
    violations.add({ kind, network, words: `at enlistment: ${result.words}` });
    throw new HttpError(401, `token-${result.fault}`, result.words);
  }

  async function enlist(request: HttpRequest) {
    const read = body.safeParse(await request.json(16_384));
    if (!read.success) {
      violations.add({ kind: "malformed-request", network, words: "the enlistment's body is malformed" });
      throw new HttpError(400, "malformed", "The body must be {id_token}.");
    }
    failByRule(targetOf(read.data.id_token));
    const { claims, integrator } = await claimsOf(read.data.id_token);
    if (!inEea(claims))
      throw new HttpError(403, "outside-eea", "Third-party chats serve people in the EEA only.");
    const { iss, sub } = claims;
    const name = claims.name ?? null;
    const outcome = await commits.commit(() => {
      const existing = accounts.find(network, iss, sub);
      if (existing?.state === "leaving") return undefined;
      if (existing !== undefined) accounts.rebind(existing.id, claims.cnf.jkt, name);
      const created = existing === undefined;
      const account =
        existing ?? accounts.create({ network, integrator, iss, sub, jkt: claims.cnf.jkt, name });
      return { created, account };
    });
    if (outcome === undefined)
      throw new HttpError(409, "de-enlisting", "This user is just being removed; try again.");
    const { account, created } = outcome;
    const { chat, mediaProxy, media } = parts.endpoints();
    return {
      status: created ? 201 : 200,
      body: {
        account_id: String(account.id),
        jid: accountJid(account),
        chat_url: chat,
        media_proxy: mediaProxy,
        media_url: media,
      },
    };
  }

  async function leave(request: HttpRequest) {
    const id = Number(request.params["account"]);
    const named = Number.isSafeInteger(id) ? accounts.get(id) : undefined;
    const account = named?.network === network ? named : undefined;
    const target =
      account === undefined
        ? anonymousTarget(network, "from_bridge", "de-enlist")
        : faultTarget(account, "from_bridge", "de-enlist");
    failByRule(target);
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined) throw new HttpError(401, "token-missing", "A Bearer id_token is needed.");
    const { claims } = await claimsOf(token);
    if (account === undefined) {
      throw new HttpError(404, "not-enlisted", "There is no such account.");
    }
    if (account.iss !== claims.iss || account.sub !== claims.sub) {
      violations.add({ kind: "bad-token", network, words: "a de-enlistment with another user's token" });
      throw new HttpError(401, "token-untrusted", "The token is of another user.");
    }
    // The client repeats a request whose answer it did not get.
    if (account.state === "gone") return { status: 204 };
    await commits.commit(() => accounts.setState(id, "leaving"));
    parts.disconnect(account);
    const slow = faults.hit(["delay"], target);
    if (slow !== undefined) await pause(slow.ms ?? 1000);
    await commits.commit(() => {
      parts.erase(account);
      accounts.setState(id, "gone");
    });
    return { status: 204 };
  }

  return [
    { method: "POST", path: `/${network}/v1/enlist`, handle: enlist },
    { method: "DELETE", path: `/${network}/v1/enlist/:account`, handle: leave },
  ];
}
