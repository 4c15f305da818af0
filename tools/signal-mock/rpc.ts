import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { buffer } from "node:stream/consumers";
import { services } from "./mock-server.ts";

/** gRPC's status codes that are answered here. */
const OK = 0;
const UNKNOWN = 2;
export const RESOURCE_EXHAUSTED = 8;
export const UNAVAILABLE = 14;
export const UNAUTHENTICATED = 16;

/** A call of gRPC that ends with another status than OK. */
export class RpcFailure extends Error {
  readonly status: number;
  readonly trailers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, trailers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "RpcFailure";
    this.status = status;
    this.trailers = trailers;
  }
}

type Services = typeof services;
export type Endpoint = keyof Services;
export type RequestOf<E extends Endpoint> = ReturnType<Services[E]["Request"]["decode"]>;
export type ResponseOf<E extends Endpoint> = Parameters<Services[E]["Response"]["encode"]>[0];

/** Length-prefixed messages: a byte for compression (none), four for the length, the message. */
const PREFIX = 5;

/** Answers one call of gRPC; `answer` may throw {@link RpcFailure}. */
export async function serveRpc<E extends Endpoint>(
  endpoint: E,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  answer: (request: RequestOf<E>) => Promise<ResponseOf<E>>,
): Promise<void> {
  const end = (status: number, body: Uint8Array, trailers: Readonly<Record<string, string>> = {}): void => {
    if (response.stream.destroyed) return;
    response.writeHead(200, { "content-type": "application/grpc" });
    response.addTrailers({ "grpc-status": String(status), ...trailers });
    response.end(body);
  };
  try {
    const { Request, Response } = services[endpoint];
    const raw = await buffer(request);
    const decoded = Request.decode(Uint8Array.from(raw.subarray(PREFIX))) as RequestOf<E>;
    const encoder: { encode(params: never): Uint8Array } = Response;
    const message = encoder.encode((await answer(decoded)) as never);
    const prefix = Buffer.alloc(PREFIX);
    prefix.writeUInt32BE(message.length, 1);
    end(OK, Buffer.concat([prefix, message]));
  } catch (error) {
    const { status, trailers } = error instanceof RpcFailure ? error : { status: UNKNOWN, trailers: {} };
    const message = encodeURIComponent(error instanceof Error ? error.message : String(error));
    end(status, Buffer.alloc(0), { "grpc-message": message, ...trailers });
  }
}
