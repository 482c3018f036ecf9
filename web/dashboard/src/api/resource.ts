// Documents of the server that a page shows: one copy of each, asked for again while somebody looks at it.
import { signal, type Signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { ApiFailure, ConnectionLost, get } from "./client";

const SECONDS_BETWEEN = 15;
const MOST_KEPT = 120;

export interface Shown<T> {
  data?: T;
  error?: Error;
  loading: boolean;
}

interface Entry {
  shown: Signal<Shown<unknown>>;
  etag: string | null;
  asked: number;
  users: number;
  busy: Promise<void> | null;
}

const entries = new Map<string, Entry>();

function entryOf(path: string): Entry {
  let entry = entries.get(path);
  if (!entry) {
    entry = { shown: signal<Shown<unknown>>({ loading: true }), etag: null, asked: 0, users: 0, busy: null };
    entries.set(path, entry);
    forgetOldest();
  }
  return entry;
}

function forgetOldest(): void {
  for (const [path, entry] of entries) {
    if (entries.size <= MOST_KEPT) return;
    if (entry.users === 0 && !entry.busy) entries.delete(path);
  }
}

async function ask(path: string, entry: Entry): Promise<void> {
  entry.asked = Date.now();
  try {
    const answer = await get<unknown>(path, entry.etag);
    if (answer) {
      entry.etag = answer.etag;
      entry.shown.value = { data: answer.data, loading: false };
    } else if (entry.shown.peek().error || entry.shown.peek().loading) {
      entry.shown.value = { data: entry.shown.peek().data, loading: false };
    }
  } catch (error) {
    const known = entry.shown.peek().data;
    // What was known stays on the page while the server is away; a refusal takes its place.
    if (error instanceof ConnectionLost && known !== undefined) return;
    if (error instanceof ApiFailure) entry.etag = null;
    entry.shown.value = { error: error as Error, loading: false };
  }
}

function refresh(path: string): Promise<void> {
  const entry = entryOf(path);
  entry.busy ??= ask(path, entry).finally(() => (entry.busy = null));
  return entry.busy;
}

/** Asks again for everything that is on the page. */
export function refreshAll(): Promise<unknown> {
  return Promise.all([...entries].filter(([, entry]) => entry.users > 0).map(([path]) => refresh(path)));
}

/** Forgets all, when another person logs in. */
export function forgetAll(): void {
  for (const [path, entry] of entries) {
    if (entry.users === 0) entries.delete(path);
    else entry.etag = null;
  }
}

/** Asks again for all documents whose path begins so, after a change; those nobody looks at are forgotten. */
export async function changed(...beginnings: string[]): Promise<void> {
  const touched = [...entries].filter(([path]) => beginnings.some((beginning) => path.startsWith(beginning)));
  for (const [path, entry] of touched) if (entry.users === 0) entries.delete(path);
  await Promise.all(touched.filter(([, entry]) => entry.users > 0).map(([path]) => refresh(path)));
}

export function startPolling(): void {
  const look = () => {
    if (document.visibilityState === "visible") void refreshAll();
  };
  window.setInterval(look, SECONDS_BETWEEN * 1000);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  window.addEventListener("focus", look);
}

/** A document of the server, or null to ask for nothing. It is asked for again every 15 seconds. */
export function useResource<T>(path: string | null): Shown<T> {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (!path) return undefined;
    const entry = entryOf(path);
    entry.users += 1;
    const stop = entry.shown.subscribe(() => redraw((count) => count + 1));
    if (Date.now() - entry.asked > SECONDS_BETWEEN * 1000 || entry.shown.peek().error) void refresh(path);
    return () => {
      stop();
      entry.users -= 1;
    };
  }, [path]);
  return path ? (entryOf(path).shown.peek() as Shown<T>) : { loading: false };
}
