// Rows in a table: in order, searched, and as a file.

export type Value = string | number | null;

export interface Sort {
  key: string;
  falling: boolean;
}

/** Missing values come last, whichever way it goes; texts as people order them, with numbers in them as numbers. */
export function compare(left: Value, right: Value, falling: boolean): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  const order =
    typeof left === "number" && typeof right === "number"
      ? left - right
      : String(left).localeCompare(String(right), "en", { numeric: true });
  return falling ? -order : order;
}

/** A sorted copy; rows that are equal keep their order. */
export function sorted<Row>(rows: readonly Row[], value: (row: Row) => Value, falling: boolean): Row[] {
  return [...rows].sort((left, right) => compare(value(left), value(right), falling));
}

/** Rows in which every word of the text is found in some value. */
export function searched<Row>(rows: readonly Row[], values: ((row: Row) => Value)[], text: string): readonly Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const all = values.map((value) => String(value(row) ?? "").toLowerCase()).join("\n");
    return words.every((word) => all.includes(word));
  });
}

/** A text that a spreadsheet would take for a formula is marked as the text that it is. */
function csvCell(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180. */
export function csv(header: string[], rows: Value[][]): string {
  return [header, ...rows].map((row) => row.map(csvCell).join(",") + "\r\n").join("");
}
