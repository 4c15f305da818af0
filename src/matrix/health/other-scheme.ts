import { get } from "node:http";
import { connect } from "node:tls";

/** Milliseconds. */
const TIMEOUT = 3_000;

/**
 * The address with http for https or https for http, where its port speaks that; else undefined. The request carries no
 * token, and the answer's content is not read.
 */
export async function otherScheme(address: string): Promise<string | undefined> {
  const url = new URL(address);
  const secure = url.protocol === "https:";
  const port = Number(url.port || (secure ? 443 : 80));
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const speaks = await (secure ? speaksHttp(host, port) : speaksTls(host, port));
  if (!speaks) return undefined;
  const path = url.pathname === "/" ? "" : url.pathname;
  const shown = port === (secure ? 80 : 443) ? url.hostname : `${url.hostname}:${port}`;
  return `${secure ? "http" : "https"}://${shown}${path}`;
}

function speaksHttp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      { host, port, path: "/_matrix/client/versions", timeout: TIMEOUT, agent: false },
      (answer) => {
        answer.destroy();
        // TLS servers answer a plain HTTP request with 400.
        resolve(answer.statusCode !== 400);
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
    request.on("close", () => resolve(false));
  });
}

function speaksTls(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT, rejectUnauthorized: false }, () => {
      resolve(true);
      socket.destroy();
    });
    socket.on("timeout", () => socket.destroy());
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
  });
}
