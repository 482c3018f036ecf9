// Who looks at the pages, and whether the server is there.
import { computed, signal } from "@preact/signals";
import { get, listen, logIn, logOut, setCsrf } from "../api/client";
import { follow } from "../api/live";
import { changed, forgetAll, refreshAll } from "../api/resource";
import type { Me, Role } from "../api/types";

/** undefined: not known yet; null: nobody is logged in. */
export const me = signal<Me | null | undefined>(undefined);
/** Since when the server is not reached; null: it is. */
export const lostSince = signal<Date | null>(null);

const RETRY_SECONDS = 4;
let retry = 0;

const one = (...roles: Role[]) => computed(() => !!me.value && roles.includes(me.value.role));
export const mayResearch = one("researcher", "admin");
export const mayTrade = one("trader", "risk_officer", "admin");
export const mayConfirm = one("risk_officer", "admin");
export const mayAcknowledge = one("researcher", "trader", "risk_officer", "admin");
export const mayAdminister = one("admin");

let unfollow: (() => void) | null = null;

function become(who: Me | null): void {
  setCsrf(who?.csrf ?? null);
  me.value = who;
  if (who) unfollow ??= follow({ changed: () => void refreshAll(), ended: (refused) => void (refused ? lookAgain() : refreshAll()) });
  else {
    unfollow?.();
    unfollow = null;
  }
}

listen({
  loggedOut: () => become(null),
  reached: () => {
    if (!lostSince.peek()) return;
    lostSince.value = null;
    window.clearTimeout(retry);
    void refreshAll();
  },
  lost: () => {
    lostSince.value ??= new Date();
    window.clearTimeout(retry);
    retry = window.setTimeout(() => void lookAgain(), RETRY_SECONDS * 1000);
  },
});

/** Asks who is logged in; also tells whether the server is back. */
export async function lookAgain(): Promise<void> {
  try {
    const answer = await get<Me>("/api/v1/me");
    if (answer) become(answer.data);
  } catch {
    // Either nobody is logged in, or the server is away: both are told by the client's listener.
  }
}

export async function enter(token: string): Promise<void> {
  const who = await logIn(token);
  forgetAll();
  become(who);
  await changed("/api/");
}

export async function leave(): Promise<void> {
  await logOut();
  forgetAll();
  become(null);
}
