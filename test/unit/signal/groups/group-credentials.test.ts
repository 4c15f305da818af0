import { describe, expect, test } from "@jest/globals";
import { Aci, Pni } from "@signalapp/libsignal-client";
import {
  AuthCredentialPresentation,
  GroupPublicParams,
  ServerZkAuthOperations,
} from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import { GroupCredentials } from "../../../../src/networks/signal/groups/group-credentials.ts";
import { personNumber, ServerGroup, secrets } from "./server-group.ts";

const DAY = 86_400;
const numbered = { aci: personNumber(1), pni: personNumber(2) };
/** The server's, of an account without a phone number. */
const SALT = new Uint8Array(16).fill(5);
const server = new ServerZkAuthOperations(secrets);
const group = new ServerGroup();

/** Signal's server, which gives a credential for each day that is asked for. */
function played(
  start: number,
  account: {
    readonly aci: string;
    readonly pni?: string;
    readonly authCredentialSalt?: Uint8Array<ArrayBuffer>;
  } = numbered,
) {
  let now = start * 1_000;
  const asked: string[] = [];
  const connection = async () => ({
    async fetch({ path }: { readonly path: string }) {
      asked.push(path);
      const query = new URLSearchParams(path.slice(path.indexOf("?")));
      const days: object[] = [];
      const last = Number(query.get("redemptionEndSeconds"));
      for (let day = Number(query.get("redemptionStartSeconds")); day <= last; day += DAY) {
        const aci = Aci.parseFromServiceIdString(account.aci);
        const given =
          account.pni === undefined
            ? server.issueAuthCredentialZkcWithoutPni(aci, SALT, day)
            : server.issueAuthCredentialWithPniZkc(
                aci,
                Pni.parseFromServiceIdString(`PNI:${account.pni}`),
                day,
              );
        const credential = Buffer.from(given.serialize());
        days.push({ credential: credential.toString("base64"), redemptionTime: day });
      }
      const body = Uint8Array.from(Buffer.from(JSON.stringify({ credentials: days })));
      return { status: 200, message: "OK", headers: [], body };
    },
  });
  const credentials = new GroupCredentials({
    account,
    zkParams: secrets.getPublicParams(),
    connection,
    clock: { now: () => now },
  });
  return { credentials, asked, goes: (days: number) => void (now += days * DAY * 1_000) };
}

/** The presentation of a header, as the server checks it; throws where it is none. */
function checked(header: string): AuthCredentialPresentation {
  const [params = "", presentation = ""] = Buffer.from(header.slice("Basic ".length), "base64")
    .toString()
    .split(":");
  const publicParams = new GroupPublicParams(Uint8Array.from(Buffer.from(params, "hex")));
  const shown = new AuthCredentialPresentation(Uint8Array.from(Buffer.from(presentation, "hex")));
  server.verifyAuthCredentialPresentation(publicParams, shown, shown.getRedemptionTime());
  return shown;
}

describe("what proves who asks about a group", () => {
  test("is what the server takes, hides the account from it, and is asked for once a week", async () => {
    const today = Math.floor(Date.now() / 1_000 / DAY) * DAY;
    const { credentials, asked, goes } = played(today + 100);
    for (let day = 0; day < 8; day += 1) {
      const shown = checked(await credentials.header(group.cipher));
      expect(shown.getRedemptionTime().getTime()).toBe((today + day * DAY) * 1_000);
      expect(group.cipher.person(shown.getUuidCiphertext().serialize())).toBe(numbered.aci);
      expect(new ServerGroup(9).cipher.person(shown.getUuidCiphertext().serialize())).toBeUndefined();
      goes(1);
    }
    expect(asked).toHaveLength(1);
    await credentials.header(group.cipher);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toBe(
      `/v1/certificate/auth/group?redemptionStartSeconds=${today}&redemptionEndSeconds=${today + 7 * DAY}`,
    );
  });

  test("is the account's alone where it has no phone number, by what the phone handed over", async () => {
    const today = Math.floor(Date.now() / 1_000);
    const { aci } = numbered;
    const { credentials } = played(today, { aci, authCredentialSalt: SALT });
    const shown = checked(await credentials.header(group.cipher));
    expect(group.cipher.person(shown.getUuidCiphertext().serialize())).toBe(aci);
    const { credentials: unsaid } = played(today, { aci });
    await expect(unsaid.header(group.cipher)).rejects.toMatchObject({
      reason: "remote-refused",
      words: expect.stringContaining("write “enable signal” to the bot to link it again"),
    });
  });

  test("is asked for anew once the server refuses it", async () => {
    const { credentials, asked } = played(Math.floor(Date.now() / 1_000));
    await credentials.header(group.cipher);
    credentials.refused();
    checked(await credentials.header(group.cipher));
    expect(asked).toHaveLength(2);
  });
});
