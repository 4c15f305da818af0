import { describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { errcodeOf } from "../../../src/matrix/http/errcode.ts";
import { faultOfReply, refusalOf } from "../../../src/matrix/http/homeserver-error.ts";

describe("an errcode is compared in its stable spelling", () => {
  test.each([
    ["M_UNKNOWN_DEVICE", "M_UNKNOWN_DEVICE"],
    ["ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE", "M_UNKNOWN_DEVICE"],
    ["IO.ELEMENT.MSC4190.M_APPSERVICE_LOGIN_UNSUPPORTED", "M_APPSERVICE_LOGIN_UNSUPPORTED"],
    ["FI.MAU.MSC2246_NOT_YET_UPLOADED", "M_NOT_YET_UPLOADED"],
    ["FI.MAU.MSC2659_CONNECTION_TIMEOUT", "M_CONNECTION_TIMEOUT"],
    ["COM.EXAMPLE.ODD", "ODD"],
    ["", ""],
  ])("%s is %s", (sent, meant) => {
    expect(errcodeOf({ errcode: sent })).toBe(meant);
    const fault = faultOfReply({ status: 400, retryAfter: undefined, body: { errcode: sent } });
    expect(refusalOf(fault)?.code).toBe(meant);
  });

  test.each([[undefined], [null], ["M_FORBIDDEN"], [{}], [{ errcode: 5 }], [[{ errcode: "M_FORBIDDEN" }]]])(
    "%j has none",
    (body) => {
      expect(errcodeOf(body)).toBeUndefined();
    },
  );

  test("in what follows from it as well", () => {
    const body = { errcode: "ORG.EXAMPLE.MSC1.M_TOO_LARGE" };
    const fault = faultOfReply({ status: 400, retryAfter: undefined, body });
    expect(fault).toBeInstanceOf(BridgeError);
    expect(fault.reason).toBe("too-large");
  });
});
