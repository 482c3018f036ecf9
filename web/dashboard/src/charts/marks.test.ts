import { describe, expect, it } from "vitest";
import type { Bar, Trade } from "../api/types";
import { marksOf } from "./marks";
import type { Colours } from "./colours";

const bar = (date: string): Bar => ({ date, open: 1, high: 2, low: 1, close: 2, volume: 3, dividend: 0, split_ratio: 1 });
const trade = (date: string, side: string, quantity: number, kind = "trade"): Trade => ({
  date, kind, symbol: "A", side, quantity, price: 1, value: quantity, realised: 0, reason: "",
});
const c = { own: "own", accent: "accent" } as Colours;

describe("marks of trades", () => {
  it("are one a session and side, in order, on bars that are shown", () => {
    const bars = ["2024-01-02", "2024-01-03"].map(bar);
    const marks = marksOf(
      [trade("2024-01-03", "sell", 4), trade("2024-01-02", "buy", 1), trade("2024-01-02", "buy", 2), trade("2024-01-05", "buy", 2), trade("2024-01-02", "", 1, "dividend")],
      bars,
      c,
    );
    expect(marks.map((mark) => [mark.time, mark.position, mark.shape, mark.color])).toEqual([
      ["2024-01-02", "belowBar", "arrowUp", "own"],
      ["2024-01-03", "aboveBar", "arrowDown", "accent"],
    ]);
  });
});
