import { describe, expect, it } from "vitest";
import { compare, csv, searched, sorted } from "./rows";

describe("order", () => {
  it("puts missing values last, whichever way it goes", () => {
    const rows = [3, null, 1, 2];
    expect(sorted(rows, (row) => row, false)).toEqual([1, 2, 3, null]);
    expect(sorted(rows, (row) => row, true)).toEqual([3, 2, 1, null]);
  });

  it("keeps the order of equal rows", () => {
    const rows = [{ k: 1, n: "a" }, { k: 0, n: "b" }, { k: 1, n: "c" }, { k: 0, n: "d" }];
    expect(sorted(rows, (row) => row.k, true).map((row) => row.n)).toEqual(["a", "c", "b", "d"]);
  });

  it("takes numbers within texts as numbers", () => {
    expect(compare("SIM2", "SIM10", false)).toBeLessThan(0);
    expect(compare("SIM2", "SIM10", true)).toBeGreaterThan(0);
  });
});

describe("search", () => {
  const rows = [{ name: "BHF", why: "entered" }, { name: "HRL", why: "kept" }, { name: "GE", why: "kept" }];
  const values = [(row: { name: string }) => row.name, (row: { why: string }) => row.why] as ((row: { name: string; why: string }) => string)[];

  it("wants every word, in any value, in any case", () => {
    expect(searched(rows, values, "kept h").map((row) => row.name)).toEqual(["HRL"]);
    expect(searched(rows, values, "KEPT")).toHaveLength(2);
    expect(searched(rows, values, "  ")).toBe(rows);
    expect(searched(rows, values, "xyz")).toEqual([]);
  });
});

describe("csv", () => {
  it("quotes as RFC 4180 does and leaves missing values empty", () => {
    expect(csv(["a", "b"], [["x,y", 1.5], ['say "no"', null], ["two\nlines", -2]])).toBe('a,b\r\n"x,y",1.5\r\n"say ""no""",\r\n"two\nlines",-2\r\n');
  });

  it("marks what a spreadsheet would run", () => {
    expect(csv(["a"], [["=1+1"], ["@cmd"], ["-x"], [-1]])).toBe("a\r\n'=1+1\r\n'@cmd\r\n'-x\r\n-1\r\n");
  });
});
