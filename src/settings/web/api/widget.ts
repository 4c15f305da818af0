/** What a message between a Matrix client and the widget it shows may have. */
interface WidgetMessage {
  readonly api?: unknown;
  readonly action?: unknown;
  readonly requestId?: unknown;
  readonly data?: { readonly state?: unknown; readonly access_token?: unknown };
  readonly response?: { readonly state?: unknown; readonly access_token?: unknown };
}

/** The page as a Matrix client shows it: the client writes its own id for it, and whose it is, into the address. */
export interface Widget {
  readonly id: string;
  readonly user: string;
}

/** The widget that the page is; undefined where no client shows it as one. */
export function shownAs(search: string): Widget | undefined {
  const query = new URLSearchParams(search);
  const [id, user] = [query.get("widgetId"), query.get("user")];
  return id === null || user === null || window.parent === window ? undefined : { id, user };
}

/** Milliseconds for the client's answer; where it asks its person first, it answers that it does. */
const PATIENCE = 15_000;

/**
 * Asks the client for an OpenID token of its person (MSC1960). Undefined where it gives none. Who may be the client is
 * decided by the policy's `frame-ancestors`; to its own requests the answer is that nothing more is wanted.
 */
export function openIdToken({ id }: Widget): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const requestId = crypto.randomUUID();
  let patience = setTimeout(() => resolve(undefined), PATIENCE);
  const answered = (answer: WidgetMessage["response"]): void => {
    if (answer?.state === "request") {
      clearTimeout(patience);
      patience = setTimeout(() => resolve(undefined), 10 * PATIENCE);
    } else resolve(typeof answer?.access_token === "string" ? answer.access_token : undefined);
  };
  const heard = ({ source, origin, data: message }: MessageEvent<WidgetMessage | null>): void => {
    if (source !== window.parent || typeof message !== "object" || message === null) return;
    if (message.api === "fromWidget" && message.requestId === requestId) answered(message.response);
    if (message.api !== "toWidget" || message.response !== undefined) return;
    if (message.action === "openid_credentials") answered(message.data);
    const response = message.action === "capabilities" ? { capabilities: [] } : {};
    window.parent.postMessage({ ...message, response }, origin);
  };
  window.addEventListener("message", heard);
  const request = { api: "fromWidget", action: "get_openid", widgetId: id, requestId, data: {} };
  // It says nothing that is anybody's.
  window.parent.postMessage(request, "*");
  return promise.finally(() => {
    clearTimeout(patience);
    window.removeEventListener("message", heard);
  });
}
