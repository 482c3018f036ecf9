// How far a run can be believed, from its metrics (docs/trust.md).
import { number, percent, plural, whole } from "./format";

export type Metrics = Record<string, number | null>;

/** One thing that speaks for or against a run. */
export interface Judgement {
  name: string;
  value: string;
  /** What it is held against, in words. */
  beside: string;
  /** Whether it speaks against the run. */
  against: boolean;
}

const known = (value: number | null | undefined): value is number => value !== null && value !== undefined && Number.isFinite(value);

/** A probability below this leaves too much to luck: 5 %, as in the report. */
const SURE = 0.95;

function signal(metrics: Metrics): Judgement | null {
  const { rank_ic_mean: measured, detectable_rank_ic: limit } = metrics;
  if (!known(measured) || !known(limit)) return null;
  return { name: "Rank IC against luck", value: number(measured, 4), beside: `less than ${number(limit, 4)} can't be told from luck`, against: measured < limit };
}

function sharpe(metrics: Metrics): Judgement | null {
  const { trials, deflated_sharpe: deflated, probabilistic_sharpe: probabilistic, luck_sharpe: luck } = metrics;
  if (known(trials) && trials > 1 && known(deflated))
    return { name: "Deflated Sharpe", value: percent(deflated, 1), beside: `that it is above ${number(luck)}, which the best of ${plural(trials, "variant")} shows by luck`, against: deflated < SURE };
  if (!known(probabilistic)) return null;
  return { name: "Probabilistic Sharpe", value: percent(probabilistic, 1), beside: "that the true Sharpe ratio is above 0; the study says one variant was tried", against: probabilistic < SURE };
}

function track(metrics: Metrics): Judgement | null {
  const { minimum_track_record: needed, periods, sharpe: measured } = metrics;
  if (!known(periods) || !known(measured)) return null;
  if (!known(needed)) return { name: "Track record needed", value: "–", beside: "no length would do: the Sharpe ratio is not above 0", against: true };
  const sessions = Math.ceil(needed);
  return { name: "Track record needed", value: `${whole(sessions)} sessions`, beside: `to be 95 % sure of a Sharpe ratio above 0; this test has ${whole(periods)}`, against: sessions > periods };
}

function cost(metrics: Metrics): Judgement | null {
  const { break_even_cost_bps: own, break_even_cost_against_universe_bps: universe } = metrics;
  if (!known(own)) return null;
  const beside = known(universe) ? `a side, where the net return is 0; ${number(universe, 1)} bp where it is the universe's` : "a side, where the net return is 0";
  return { name: "Break-even cost", value: `${number(own, 1)} bp`, beside, against: own <= 0 };
}

function random(metrics: Metrics): Judgement | null {
  const { sharpe_random_percentile: share, random_draws: draws } = metrics;
  if (!known(share) || !known(draws)) return null;
  return { name: "Better than random scores", value: percent(share, 0), beside: `of ${plural(draws, "draw")}, by Sharpe ratio`, against: share < SURE };
}

function overfitting(metrics: Metrics): Judgement | null {
  const { overfitting_probability: probability } = metrics;
  if (!known(probability)) return null;
  return { name: "Overfitted", value: percent(probability, 0), beside: "of the ways to split the sessions: the best variant of one half is below the median in the other", against: probability >= 0.5 };
}

/** Returns what the run's metrics say, the strongest first; nothing about what was not computed. */
export function judgements(metrics: Metrics): Judgement[] {
  return [signal, sharpe, track, random, cost, overfitting].flatMap((judge) => judge(metrics) ?? []);
}
