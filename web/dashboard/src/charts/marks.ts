// Trades as marks on bars.
import type { SeriesMarker, Time } from "lightweight-charts";
import type { Bar, Trade } from "../api/types";
import type { Colours } from "./colours";

/** One mark a session and side: arrows below the bar for what was bought, above for what was sold. */
export function marksOf(trades: readonly Trade[], bars: readonly Bar[], c: Colours): SeriesMarker<Time>[] {
  const shown = new Set(bars.map((bar) => bar.date));
  const sides = new Map<string, { date: string; bought: boolean; quantity: number }>();
  for (const trade of trades) {
    if (trade.kind !== "trade" || !shown.has(trade.date)) continue;
    const key = `${trade.date}${trade.side}`;
    const known = sides.get(key);
    if (known) known.quantity += trade.quantity;
    else sides.set(key, { date: trade.date, bought: trade.side === "buy", quantity: trade.quantity });
  }
  return [...sides.values()]
    .sort((a, b) => a.date.localeCompare(b.date))
    .map((one) => ({
      time: one.date,
      position: one.bought ? "belowBar" : "aboveBar",
      shape: one.bought ? "arrowUp" : "arrowDown",
      color: one.bought ? c.own : c.accent,
    }));
}
