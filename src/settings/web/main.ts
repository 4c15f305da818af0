const key = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

/** The API beside the page, wherever a proxy serves both. */
const api = new URL("../_matrix/provision/person/v1/session", location.href);

async function signedIn(): Promise<string> {
  const answer = await fetch(api, { method: "POST", headers: { authorization: `Bearer link:${key}` } });
  const body = (await answer.json()) as { readonly user_id?: string; readonly error?: string };
  return body.user_id ?? body.error ?? "";
}

const page = document.getElementById("page");
if (page !== null) page.textContent = await signedIn();
