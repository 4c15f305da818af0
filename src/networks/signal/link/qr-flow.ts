import type { DisplayStep, LoginFlow, LoginRequest, NoticeText } from "../../../core/ports/login-flow.ts";

/** The notice, and then a QR code. `show` throws BridgeError where there is none. */
export function qrFlow(notice: NoticeText, show: (request: LoginRequest) => Promise<DisplayStep>): LoginFlow {
  const agreed = {
    ...notice,
    agreement: "you have read this and want to link this bridge to your Signal account",
  };
  return {
    id: "qr",
    name: "scan a QR code",
    notice: agreed,
    begin: async (request) => ({
      kind: "notice",
      ...agreed,
      agree: async () => (request.again ? { kind: "kept" } : show(request)),
    }),
  };
}
