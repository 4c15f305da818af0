import type { LoginFlow, LoginRequest, NoticeText } from "../../../core/ports/login-flow.ts";
import type { Enlisted } from "../account/enlist.ts";
import type { Profile } from "../profile.ts";
import type { Residences } from "./residences.ts";

type Enlist = (request: Pick<LoginRequest, "login" | "user">) => Promise<Enlisted>;

interface ConsentFlowParts {
  readonly profile: Pick<Profile, "name"> & { readonly notice: NoticeText };
  readonly residences: Residences;
  readonly enlist: Enlist;
}

/**
 * The family's only login flow: the notice, a yes from somebody who lives in the EEA, and the gatekeeper's enlistment.
 */
export function consentFlow({ profile, residences, enlist }: ConsentFlowParts): LoginFlow {
  const { name } = profile;
  const notice = {
    ...profile.notice,
    paragraphs: [
      ...profile.notice.paragraphs,
      `${name} offers this to people in the European Economic Area only. Of where you live, only the answer and its date are kept.`,
    ],
    agreement: "you live there and agree",
  };
  return {
    id: "consent",
    name: "read what it means, and agree",
    beside: "country",
    notice,
    begin: async ({ user, login, again }) => ({
      kind: "notice",
      ...notice,
      beside: { name: "your country", example: "NL" },
      async agree(country) {
        await residences.agree(user, country);
        return again ? { kind: "kept" } : { kind: "done", ...(await enlist({ login, user })) };
      },
    }),
  };
}
