import { request } from "undici";
import { MatrixFault } from "./fake-homeserver-state.ts";

interface Pinged {
  readonly url: string | null;
  readonly hs_token: string;
}

/** `POST /appservice/{id}/ping`: pings the application service and answers what went wrong. */
export async function pingAppservice(
  registration: Pinged | undefined,
  txn: string,
): Promise<Record<string, unknown>> {
  if (registration?.url === undefined || registration.url === null) {
    throw new MatrixFault(400, "M_URL_NOT_SET", "The application service has no URL");
  }
  let status: number;
  try {
    const response = await request(`${registration.url}/_matrix/app/v1/ping`, {
      method: "POST",
      headers: { authorization: `Bearer ${registration.hs_token}`, "content-type": "application/json" },
      body: JSON.stringify({ transaction_id: txn }),
    });
    await response.body.dump();
    status = response.statusCode;
  } catch {
    throw new MatrixFault(502, "M_CONNECTION_FAILED", "could not be reached");
  }
  if (status !== 200) throw new MatrixFault(502, "M_BAD_STATUS", "bad status", { status });
  return { duration_ms: 1 };
}
