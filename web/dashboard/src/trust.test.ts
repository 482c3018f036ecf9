import { describe, expect, it } from "vitest";
import { judgements, type Metrics } from "./trust";

const good: Metrics = {
  rank_ic_mean: 0.031, detectable_rank_ic: 0.012, trials: 4, deflated_sharpe: 0.97, probabilistic_sharpe: 0.999, luck_sharpe: 0.8, minimum_track_record: 200.2,
  periods: 500, sharpe: 2, break_even_cost_bps: 14.5, break_even_cost_against_universe_bps: 9, sharpe_random_percentile: 1, random_draws: 200, overfitting_probability: 0.1,
};
const against = (metrics: Metrics) => judgements(metrics).filter((one) => one.against).map((one) => one.name);
const find = (metrics: Metrics, name: string) => judgements(metrics).find((one) => one.name === name);

describe("how far a run can be believed", () => {
  it("holds each number against what luck gives", () => {
    expect(against(good)).toEqual([]);
    expect(find(good, "Deflated Sharpe")?.beside).toContain("above 0.80, which the best of 4 variants");
    expect(find(good, "Track record needed")?.value).toBe("201 sessions");
    expect(against({ ...good, rank_ic_mean: 0.0119 })).toEqual(["Rank IC against luck"]);
    expect(against({ ...good, rank_ic_mean: -0.031 })).toEqual(["Rank IC against luck"]);
    expect(against({ ...good, deflated_sharpe: 0.94 })).toEqual(["Deflated Sharpe"]);
    expect(against({ ...good, minimum_track_record: 500.5 })).toEqual(["Track record needed"]);
    expect(against({ ...good, sharpe_random_percentile: 0.9 })).toEqual(["Better than random scores"]);
    expect(against({ ...good, break_even_cost_bps: -1 })).toEqual(["Break-even cost"]);
    expect(against({ ...good, overfitting_probability: 0.5 })).toEqual(["Overfitted"]);
  });

  it("takes the probabilistic Sharpe ratio where one variant was tried", () => {
    const one = { ...good, trials: 1, deflated_sharpe: null };
    expect(find(one, "Deflated Sharpe")).toBeUndefined();
    expect(find(one, "Probabilistic Sharpe")?.value).toBe("99.9\u00a0%");
  });

  it("says that no length would do where nothing was earned", () => {
    const lost = { ...good, sharpe: -0.2, minimum_track_record: null };
    expect(find(lost, "Track record needed")).toMatchObject({ value: "–", against: true });
  });

  it("is silent about what was not computed", () => {
    expect(judgements({})).toEqual([]);
    expect(judgements({ sharpe: 1, periods: null, rank_ic_mean: 0.1 })).toEqual([]);
  });
});
