// Numbers, dates and times as people read them.

const MINUS = "\u2212";
const NOTHING = "–";

const missing = (value: number | null | undefined): value is null | undefined =>
  value === null || value === undefined || !Number.isFinite(value);

/** A number that rounds to nought has no sign. */
function signed(value: number, digits: number, plus: boolean): string {
  const rounded = Number(value.toFixed(digits));
  const text = Math.abs(rounded).toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (rounded < 0 ? MINUS : plus && rounded > 0 ? "+" : "") + text;
}

export const number = (value: number | null | undefined, digits = 2) => (missing(value) ? NOTHING : signed(value, digits, false));

export const percent = (value: number | null | undefined, digits = 2) =>
  missing(value) ? NOTHING : `${signed(value * 100, digits, false)}\u00a0%`;

export const change = (value: number | null | undefined, digits = 2) =>
  missing(value) ? NOTHING : `${signed(value * 100, digits, true)}\u00a0%`;

export const whole = (value: number | null | undefined) => number(value, 0);

/** Money, short: 1.23 M. */
export function money(value: number | null | undefined): string {
  if (missing(value)) return NOTHING;
  const size = Math.abs(value);
  if (size >= 1e9) return `${signed(value / 1e9, 2, false)}\u00a0B`;
  if (size >= 1e6) return `${signed(value / 1e6, 2, false)}\u00a0M`;
  return signed(value, size >= 1e4 ? 0 : 2, false);
}

/** Significant digits for facts whose size nobody knows beforehand. */
export function fact(value: number | string | null): string {
  if (typeof value !== "number") return value ?? NOTHING;
  if (Number.isInteger(value)) return whole(value);
  const size = Math.abs(value);
  if (size >= 1000) return number(value, 2);
  if (size < 0.001) return value.toExponential(3).replaceAll("-", MINUS);
  const digits = Math.max(2, 4 - Math.floor(Math.log10(size)));
  return number(value, digits).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const longFormat = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

export const day = (date: string | null | undefined) => (date ? dayFormat.format(new Date(`${date.slice(0, 10)}T00:00:00Z`)) : NOTHING);

export const longDay = (date: string) => longFormat.format(new Date(`${date}T00:00:00Z`));

/** "2026-11-22 20:49 UTC". */
export const moment = (time: string | null | undefined) => (time ? `${time.slice(0, 10)} ${time.slice(11, 16)} UTC` : NOTHING);

export const roleName = (role: string) => role.replace("_", " ");

/** "rank_ic_mean" as "Rank IC mean". */
export function metricName(key: string): string {
  const text = key.replaceAll("_", " ").replace(/\bic\b/g, "IC").replace(/\bbps\b/g, "bp");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const plural = (count: number, one: string, many = `${one}s`) => `${whole(count)} ${count === 1 ? one : many}`;
