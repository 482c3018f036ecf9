// Which run a page is about; without a choice, the one that is recommended from.
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { Rows, Run } from "../api/types";
import { useQuery, useSetQuery } from "../links";

export const RUNS = api("/runs", { limit: 1000 });

export function RunChoice() {
  const { run } = useQuery();
  const set = useSetQuery();
  const runs = useResource<Rows<Run>>(RUNS).data?.items ?? [];
  if (runs.length === 0) return null;
  const preferred = runs.find((one) => one.preferred === "yes")?.run;
  return (
    <label class="choice">
      <span>Run</span>
      <select
        value={run ?? preferred ?? ""}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          set({ run: chosen === preferred ? undefined : chosen, date: undefined });
        }}
      >
        {run && !runs.some((one) => one.run === run) && <option value={run}>{run}</option>}
        {runs.map((one) => (
          <option key={one.run} value={one.run}>
            {one.run}
            {one.preferred === "yes" ? " (recommended from)" : ""}
          </option>
        ))}
      </select>
    </label>
  );
}
