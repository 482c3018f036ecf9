import { describe, expect, it } from "vitest";
import { change, day, fact, longDay, metricName, moment, money, number, percent, plural } from "./format";

describe("numbers", () => {
  it("have a true minus, and none where they round to nought", () => {
    expect(number(-1234.567)).toBe("\u22121,234.57");
    expect(percent(-0.00001, 2)).toBe("0.00\u00a0%");
    expect(change(0.00001, 2)).toBe("0.00\u00a0%");
    expect(change(0.0123, 1)).toBe("+1.2\u00a0%");
  });

  it("are a dash where they are missing", () => {
    for (const show of [number, percent, change, money]) {
      expect(show(null)).toBe("–");
      expect(show(undefined)).toBe("–");
      expect(show(NaN)).toBe("–");
    }
  });

  it("of money are short", () => {
    expect(money(99_905_000)).toBe("99.91\u00a0M");
    expect(money(-2_500_000_000)).toBe("\u22122.50\u00a0B");
    expect(money(92_963.07)).toBe("92,963");
    expect(money(12.5)).toBe("12.50");
  });

  it("of facts keep the digits that matter", () => {
    expect(fact(36414600)).toBe("36,414,600");
    expect(fact(139.789993)).toBe("139.79");
    expect(fact(0.013779)).toBe("0.013779");
    expect(fact(1)).toBe("1");
    expect(fact(0)).toBe("0");
    expect(fact(-0.00001234)).toBe("\u22121.234e\u22125");
    expect(fact("yes")).toBe("yes");
    expect(fact(null)).toBe("–");
  });
});

describe("dates", () => {
  it("are those of the session, whatever the reader's zone", () => {
    expect(day("2018-12-31")).toBe("31 Dec 2018");
    expect(longDay("2018-12-31")).toContain("31 December 2018");
    expect(moment("2026-11-22T20:49:45Z")).toBe("2026-11-22 20:49 UTC");
    expect(day(null)).toBe("–");
  });
});

describe("words", () => {
  it("tell metrics and counts", () => {
    expect(metricName("rank_ic_mean")).toBe("Rank IC mean");
    expect(metricName("break_even_cost_bps")).toBe("Break even cost bp");
    expect(plural(1, "row")).toBe("1 row");
    expect(plural(1200, "row")).toBe("1,200 rows");
  });
});
