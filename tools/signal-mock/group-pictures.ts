import { randomBytes } from "node:crypto";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { proto } from "./mock-server.ts";

type Form = Parameters<typeof proto.AvatarUploadAttributes.encode>[0];

/** The pictures of groups, which the mock hosts none of: forms to bring them by, and what was brought. */
export class GroupPictures {
  readonly #forms = new Map<string, Form>();
  readonly #pictures = new Map<string, Buffer<ArrayBuffer>>();

  /** Whether it is a request of these, which is then answered. */
  takes(request: Http2ServerRequest, response: Http2ServerResponse): boolean {
    const { method, url } = request;
    if (method === "GET" && url === "/storageService/v2/groups/avatar/form") this.#form(response);
    else if (method === "POST" && url === "/") void this.#bring(request, response);
    else {
      const picture = method === "GET" ? this.#pictures.get(url.slice(1)) : undefined;
      if (!picture) return false;
      response.end(picture);
    }
    return true;
  }

  /** What was brought under a path. */
  stored(path: string): Uint8Array | undefined {
    return this.#pictures.get(path);
  }

  #form(response: Http2ServerResponse): void {
    const key = `groups/${randomBytes(16).toString("base64url")}`;
    const secret = () => randomBytes(8).toString("hex");
    const signed = { credential: secret(), policy: secret(), signature: secret() };
    const form: Form = {
      key,
      acl: "private",
      algorithm: "AWS4-HMAC-SHA256",
      date: "20260101T000000Z",
      ...signed,
    };
    this.#forms.set(key, form);
    response.end(Buffer.from(proto.AvatarUploadAttributes.encode(form)));
  }

  async #bring(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const brought = await new Response(Buffer.concat(chunks), { headers }).formData();
    const key = brought.get("key");
    const form = typeof key === "string" ? this.#forms.get(key) : undefined;
    const file = brought.get("file");
    const isSigned =
      form?.policy === brought.get("policy") &&
      form?.signature === brought.get("x-amz-signature") &&
      form?.credential === brought.get("x-amz-credential");
    if (!isSigned || !form?.key || !(file instanceof Blob)) {
      response.writeHead(403).end();
      return;
    }
    this.#pictures.set(form.key, Buffer.from(await file.arrayBuffer()));
    response.writeHead(204).end();
  }
}
