// What the server answers with, as /api/v1/openapi.json describes it.

export type Role = "viewer" | "researcher" | "trader" | "risk_officer" | "admin";

export interface Me {
  name: string;
  role: Role;
  expires: string;
  /** What every change has to show in X-CSRF-Token. */
  csrf: string | null;
}

export interface About {
  run: string;
  study: string;
  /** What marks simulated data; empty for real data. */
  banner: string;
  finished: string;
}

export interface Rows<Row, What = undefined> {
  about: What;
  items: Row[];
  total: number;
  next: string | null;
}

export interface Items<Item> {
  items: Item[];
}

export interface SessionAbout extends About {
  date: string;
  first_session: string;
  last_session: string;
}

export interface Recommendation {
  date: string;
  symbol: string;
  rank: number;
  score: number | null;
  probability: number | null;
  expected_return: number | null;
  lower: number | null;
  upper: number | null;
  weight: number;
  weight_before: number;
  change: number;
  reasons: string[];
  outcome: number | null;
}

export interface PickRecord {
  date: string;
  picks: number;
  mean_outcome: number | null;
  universe_outcome: number | null;
  better: number | null;
}

export interface Run {
  run: string;
  study: string;
  banner: string;
  finished: string;
  tags: string[];
  test_first: string;
  test_last: string;
  rank_ic_mean: number | null;
  rank_ic_t: number | null;
  annual_return: number | null;
  sharpe: number | null;
  max_drawdown: number | null;
  preferred: "yes" | "no";
}

export interface RunDetail extends About {
  tags: string[];
  data_fingerprint: string;
  test_first: string;
  test_last: string;
  metrics: Record<string, number | null>;
}

export interface Equity {
  date: string;
  equity: number;
  cash: number;
  net_return: number;
  long_exposure: number;
  short_exposure: number;
  positions: number;
}

export interface Position {
  date: string;
  symbol: string;
  quantity: number;
  price: number;
  value: number;
}

export interface Trade {
  date: string;
  kind: string;
  symbol: string;
  side: string;
  quantity: number;
  price: number;
  value: number;
  realised: number;
  reason: string;
}

export interface Bar {
  date: string;
  open: number | null;
  high: number | null;
  low: number | null;
  close: number | null;
  volume: number | null;
  dividend: number | null;
  split_ratio: number | null;
}

export interface Factor {
  factor: string;
  /** Mean size of its contribution to a score; null where it was not told. */
  mean_size: number | null;
  covered: number | null;
}

export interface JudgedFactor {
  factor: string;
  t: number | null;
  rank_ic_1: number | null;
  rank_ic_5: number | null;
  rank_ic_10: number | null;
  rank_ic_20: number | null;
  /** Sessions in which the rank IC halves. */
  half_life: number | null;
  persistence: number | null;
  nearest: string | null;
  correlation: number | null;
}

export interface FactorValue {
  date: string;
  factor: string;
  value: number | null;
  /** Share of the universe with a smaller value, 0 to 1. */
  percentile: number | null;
}

export interface Coverage {
  table: string;
  symbol: string;
  source: string;
  first: string;
  last: string;
  rows: number;
  calendar: string;
  missing: number;
  late: number;
  gaps: number;
  longest_gap: number;
  retrieved: string;
}

export interface Quarantined {
  line: number;
  date: string;
  symbol: string;
  reason: string;
  column: string;
  found: string;
  action: string;
}

export interface InformationDay {
  date: string;
  rank_ic: number | null;
}

export interface Account {
  account: string;
  mode: "on" | "paused" | "flattened";
  sessions: number;
  first_session: string | null;
  last_session: string | null;
  initial_cash: number;
  equity: number | null;
  cash: number | null;
  gain: number | null;
  positions: number;
  orders: number;
  ladder: { there: boolean; level: number; drawdown: number | null; waits_for_person: boolean };
  waiting: string[];
  risk_events: RiskEvent[];
}

export interface RiskEvent {
  date: string;
  from: number;
  to: number;
  drawdown: number | null;
  cause: string;
}

export type Stage = "candidate" | "live" | "retired";

export interface ModelVersion {
  name: string;
  version: number;
  stage: Stage;
  registered: string;
  model: string;
  study: string;
  run_folder: string;
  train: { first: string; last: string };
  tested: { first: string; last: string };
  metrics: Record<string, number | null>;
}

export interface StageChange {
  at: string;
  name: string;
  version: number;
  action: string;
  from: Stage | null;
  to: Stage;
  reason: string;
}

export interface Job {
  number: number;
  run: string;
  asked_by: string;
  asked: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled" | "lost";
  stage: string;
  done: number;
  total: number;
  message: string;
}

export interface RoundStep {
  step: string;
  kind: string;
  state: "waiting" | "running" | "retrying" | "done" | "action" | "failed" | "blocked" | "skipped";
  attempts: number;
  started: string | null;
  ended: string | null;
  late: boolean;
  message: string;
}

export interface Round {
  session: string;
  state: "running" | "done" | "failed" | "missed";
  mode: "scheduled" | "catch_up" | "backfill" | "replay";
  due: string;
  started: string | null;
  ended: string | null;
  steps: RoundStep[];
}

export interface AlertMessage {
  channel: string;
  state: "waiting" | "sent" | "dropped" | "given_up";
  escalation: boolean;
  due: string;
  attempts: number;
  problem: string;
}

export interface OperationAlert {
  number: number;
  level: "info" | "warning" | "critical";
  title: string;
  text: string;
  source: string;
  raised: string;
  last: string;
  times: number;
  acknowledged: string | null;
  acknowledged_by: string;
  deliveries: AlertMessage[];
}

export interface Token {
  number: number;
  name: string;
  role: Role;
  created: string;
  expires: string;
  revoked: string | null;
}

export interface Decision {
  symbol: string;
  date: string;
  run: string;
  banner: string;
  stages: DecisionStage[];
}

export interface DecisionStage {
  name: string;
  known: string;
  facts: Record<string, number | string | null>;
  sentences: string[];
}

/** RFC 9457: why a request was not answered. */
export interface Problem {
  title: string;
  status: number;
  detail: string;
  errors?: { field: string; detail: string }[];
}
