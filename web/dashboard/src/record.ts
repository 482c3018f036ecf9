// How picks did, over sessions.
import type { PickRecord } from "./api/types";

export interface RecordSummary {
  sessions: number;
  mean: number | null;
  universe: number | null;
  better: number | null;
}

function mean(values: (number | null)[]): number | null {
  const there = values.filter((value): value is number => value !== null);
  return there.length ? there.reduce((sum, value) => sum + value, 0) / there.length : null;
}

/** Means over the last sessions that had picks, each session alike. */
export function recordSummary(record: readonly PickRecord[], sessions: number): RecordSummary {
  const rows = record.filter((row) => row.picks > 0).slice(-sessions);
  return {
    sessions: rows.length,
    mean: mean(rows.map((row) => row.mean_outcome)),
    universe: mean(rows.map((row) => row.universe_outcome)),
    better: mean(rows.map((row) => row.better)),
  };
}

/** The mean of each window that is whole; missing values are skipped within it. */
export function rolling(values: readonly (number | null)[], window: number): (number | null)[] {
  return values.map((_, i) => (i + 1 < window ? null : mean(values.slice(i + 1 - window, i + 1))));
}

/** What of a peak is lost at each point: nought or below. */
export function drawdowns(values: readonly number[]): number[] {
  let peak = -Infinity;
  return values.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? value / peak - 1 : 0;
  });
}
