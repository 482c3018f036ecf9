// Asking the server: answers are kept with their ETag, so that asking again costs one small "unchanged".
import type { Me, Problem } from "./types";

/** An answer that is none: what the server refused, and why. */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly retryAfter = 0,
  ) {
    super(problem.detail || problem.title);
  }
}

/** The server was not reached. */
export class ConnectionLost extends Error {
  constructor() {
    super("the server does not answer");
  }
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

type Listener = { loggedOut(): void; reached(): void; lost(): void };

const nobody: Listener = { loggedOut() {}, reached() {}, lost() {} };
let listener = nobody;
let csrf: string | null = null;

export const listen = (to: Listener) => (listener = to);
export const setCsrf = (token: string | null) => (csrf = token);

/** The path of an operation with its query; parameters without a value are left out. */
export function api(path: string, query: Record<string, string | number | boolean | undefined> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const text = given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&");
  return `/api/v1${path}${text ? `?${text}` : ""}`;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    listener.lost();
    throw new ConnectionLost();
  }
  // A proxy in between says so when nobody is behind it.
  if (response.status === 502 || response.status === 504) {
    listener.lost();
    throw new ConnectionLost();
  }
  listener.reached();
  return response;
}

async function failure(response: Response): Promise<ApiFailure> {
  const plain: Problem = { title: response.statusText, status: response.status, detail: response.statusText };
  const problem = (await response.json().catch(() => plain)) as Problem;
  return new ApiFailure(response.status, { ...plain, ...problem }, Number(response.headers.get("retry-after") ?? 0));
}

/** Asks for a document; null where it is still the one with `etag`. */
export async function get<T>(path: string, etag: string | null = null, signal?: AbortSignal): Promise<Answer<T> | null> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (etag) headers["If-None-Match"] = etag;
  const response = await send(path, { headers, cache: "no-store", ...(signal ? { signal } : {}) });
  if (response.status === 304) return null;
  if (!response.ok) {
    if (response.status === 401) listener.loggedOut();
    throw await failure(response);
  }
  return { data: (await response.json()) as T, etag: response.headers.get("etag") };
}

/** Asks for a text, such as a job's log. */
export async function getText(path: string): Promise<string> {
  const response = await send(path, { cache: "no-store" });
  if (!response.ok) throw await failure(response);
  return response.text();
}

/** Asks for a change. */
export async function change<T = null>(method: "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (csrf) headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await send(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!response.ok) {
    // A refused log-in is an answer to the form, not the end of a session.
    if (response.status === 401 && path !== "/api/v1/session") listener.loggedOut();
    throw await failure(response);
  }
  return (response.status === 204 ? null : await response.json()) as T;
}

export const logIn = (token: string) => change<Me>("POST", "/api/v1/session", { token: token.trim() });
export const logOut = () => change("DELETE", "/api/v1/session");
