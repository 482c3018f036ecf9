import { describe, expect, it } from "vitest";
import type { PickRecord } from "./api/types";
import { drawdowns, recordSummary, rolling } from "./record";

const row = (date: string, picks: number, mean: number | null, universe: number, better: number | null): PickRecord => ({ date, picks, mean_outcome: mean, universe_outcome: universe, better });

describe("the record of picks", () => {
  const rows = [row("2018-01-01", 5, 0.5, 0.5, 1), row("2018-01-02", 0, null, 0.1, null), row("2018-01-03", 5, 0.02, 0.01, 0.6), row("2018-01-04", 5, -0.01, 0.03, 0.4)];

  it("counts the last sessions that had picks", () => {
    const found = recordSummary(rows, 2);
    expect(found.sessions).toBe(2);
    expect(found.mean).toBeCloseTo(0.005, 12);
    expect(found.universe).toBeCloseTo(0.02, 12);
    expect(found.better).toBeCloseTo(0.5, 12);
  });

  it("is nothing where nothing is known", () => {
    expect(recordSummary([], 60)).toEqual({ sessions: 0, mean: null, universe: null, better: null });
  });
});

describe("rolling means", () => {
  it("begin with the first whole window and skip what is missing", () => {
    expect(rolling([1, 3, null, 5], 2)).toEqual([null, 2, 3, 5]);
    expect(rolling([null, null], 2)).toEqual([null, null]);
  });
});

describe("drawdowns", () => {
  it("are from the highest so far", () => {
    expect(drawdowns([100, 110, 99, 121, 60.5])).toEqual([0, 0, 99 / 110 - 1, 0, -0.5]);
  });
});
