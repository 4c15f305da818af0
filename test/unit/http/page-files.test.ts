import { describe, expect, test } from "@jest/globals";
import { pageFiles } from "../../../src/http/provisioning/page-files.ts";

const headersWith = (frames: readonly string[]) =>
  new Map(Object.entries(pageFiles(frames).answer({ method: "GET", path: "/settings/" })?.headers ?? {}));

describe("who may hold the settings page in a frame", () => {
  test("is nobody, by whichever header a browser heeds", () => {
    const headers = headersWith([]);
    expect(headers.get("content-security-policy")).toMatch(/frame-ancestors 'none'$/);
    expect(headers.get("x-frame-options")).toBe("DENY");
  });

  test("is whom the configuration names, and nobody else", () => {
    const headers = headersWith(["https://app.element.io", "https://chat.example.org"]);
    expect(headers.get("content-security-policy")).toMatch(
      /frame-ancestors https:\/\/app\.element\.io https:\/\/chat\.example\.org$/,
    );
    // It knows no list, and would forbid them.
    expect(headers.has("x-frame-options")).toBe(false);
  });
});
