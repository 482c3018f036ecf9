import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiFailure, api, change, ConnectionLost, get, listen, setCsrf } from "./client";

const heard: string[] = [];
const asked = vi.fn();

beforeEach(() => {
  heard.length = 0;
  asked.mockReset();
  vi.stubGlobal("fetch", asked);
  listen({ loggedOut: () => heard.push("out"), reached: () => heard.push("reached"), lost: () => heard.push("lost") });
});

afterEach(() => {
  setCsrf(null);
  vi.unstubAllGlobals();
});

const problem = (status: number, detail: string, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ title: "no", status, detail, errors: [{ field: "query.limit", detail: "too many" }] }), { status, headers });

describe("paths", () => {
  it("leave out what is not given and escape the rest", () => {
    expect(api("/runs")).toBe("/api/v1/runs");
    expect(api("/recommendations", { run: "a b&c", date: undefined, held: true, limit: 3 })).toBe("/api/v1/recommendations?run=a%20b%26c&held=true&limit=3");
  });
});

describe("asking", () => {
  it("keeps the ETag and takes 'unchanged' for an answer", async () => {
    asked.mockResolvedValueOnce(new Response('{"items":[1]}', { headers: { etag: '"e1"' } })).mockResolvedValueOnce(new Response(null, { status: 304 }));
    const first = await get<{ items: number[] }>("/api/v1/x");
    expect(first).toEqual({ data: { items: [1] }, etag: '"e1"' });
    expect(await get("/api/v1/x", first?.etag ?? null)).toBeNull();
    expect(asked.mock.calls[1]?.[1].headers["If-None-Match"]).toBe('"e1"');
  });

  it("tells what the server refused, with its fields", async () => {
    asked.mockResolvedValueOnce(problem(400, "the query can't be taken"));
    const fault = await get("/api/v1/x").catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(ApiFailure);
    expect((fault as ApiFailure).status).toBe(400);
    expect((fault as ApiFailure).message).toBe("the query can't be taken");
    expect((fault as ApiFailure).problem.errors?.[0]?.field).toBe("query.limit");
  });

  it("logs out when the session is no longer good", async () => {
    asked.mockResolvedValueOnce(problem(401, "the session is over"));
    await expect(get("/api/v1/x")).rejects.toBeInstanceOf(ApiFailure);
    expect(heard).toEqual(["reached", "out"]);
  });

  it("tells a lost server from a refusal", async () => {
    asked.mockRejectedValueOnce(new TypeError("Failed to fetch")).mockResolvedValueOnce(new Response("", { status: 502 }));
    await expect(get("/api/v1/x")).rejects.toBeInstanceOf(ConnectionLost);
    await expect(get("/api/v1/x")).rejects.toBeInstanceOf(ConnectionLost);
    expect(heard).toEqual(["lost", "lost"]);
  });
});

describe("changing", () => {
  it("shows the token of the session", async () => {
    setCsrf("c5");
    asked.mockResolvedValueOnce(new Response("{}", { status: 202 }));
    await change("POST", "/api/v1/accounts/a/pause");
    const [, init] = asked.mock.calls[0] ?? [];
    expect(init.headers["X-CSRF-Token"]).toBe("c5");
    expect(init.body).toBeUndefined();
  });

  it("takes a refused log-in for an answer to the form", async () => {
    asked.mockResolvedValueOnce(problem(429, "wait", { "retry-after": "7" }));
    const fault = await change("POST", "/api/v1/session", { token: "x" }).catch((error: unknown) => error);
    expect((fault as ApiFailure).retryAfter).toBe(7);
    asked.mockResolvedValueOnce(problem(401, "unknown"));
    await expect(change("POST", "/api/v1/session", { token: "x" })).rejects.toBeInstanceOf(ApiFailure);
    expect(heard).not.toContain("out");
  });
});
