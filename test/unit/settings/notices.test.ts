import { expect, test } from "@jest/globals";
import { noticeFor } from "../../../src/networks/meta-interop/account/notice.ts";
import { consentFlow } from "../../../src/networks/meta-interop/login/consent-flow.ts";
import type { Residences } from "../../../src/networks/meta-interop/login/residences.ts";
import { qrFlow } from "../../../src/networks/signal/link/qr-flow.ts";
import { notice as signalNotice } from "../../../src/networks/signal/notice.ts";

const unused = () => Promise.reject(new Error("not asked for"));
const consent = (name: string) => {
  const profile = { name, notice: noticeFor(name) };
  return consentFlow({ profile, residences: {} as Residences, enlist: unused }).notice;
};

test.each([
  ["WhatsApp", consent("WhatsApp")],
  ["Messenger", consent("Messenger")],
  ["Signal", qrFlow(signalNotice, unused).notice],
])(
  "%s's notice is had in German, paragraph by paragraph, with the command that takes it back",
  (name, notice) => {
    const german = notice?.translations?.["de"];
    expect(german?.paragraphs).toHaveLength(notice?.paragraphs.length ?? Number.NaN);
    expect(german?.summary).toHaveLength(notice?.summary?.length ?? Number.NaN);
    for (const lines of [german?.summary, german?.paragraphs])
      expect(lines?.join("\n")).toContain(`„disable ${name.toLowerCase()}“`);
    const all = [...(german?.summary ?? []), ...(german?.paragraphs ?? []), german?.agreement ?? ""];
    for (const line of all) expect(line).not.toMatch(/\b(the|you|your|and|is|it)\b|”/);
  },
);
