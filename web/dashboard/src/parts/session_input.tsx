// Which session a page is about, as a day that is typed or picked.
import type { SessionAbout } from "../api/types";
import { useSetQuery } from "../links";

/** The last session on or before a day; the first where there is none before. */
export const nearestSession = (sessions: readonly string[], date: string) => [...sessions].reverse().find((one) => one <= date) ?? sessions[0];

/** Goes to a session; the last one needs no day in the address. */
export function useSession(about: SessionAbout): (date: string | undefined) => void {
  const set = useSetQuery();
  return (date) => set({ date: date === about.last_session ? undefined : date });
}

export function SessionInput({ about, sessions }: { about: SessionAbout; sessions: readonly string[] }) {
  const go = useSession(about);
  return (
    <input
      type="date"
      aria-label="Session"
      value={about.date}
      min={about.first_session}
      max={about.last_session}
      onChange={(event) => event.currentTarget.value && go(nearestSession(sessions, event.currentTarget.value))}
    />
  );
}
