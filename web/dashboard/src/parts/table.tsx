// A table that is sorted, searched, walked with the keyboard, and taken away as a file.
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { plural, whole } from "../format";
import { csv, searched, sorted, type Sort, type Value } from "../rows";

export interface Column<Row> {
  key: string;
  title: string;
  /** What the heading says when it is pointed at. */
  hint?: string;
  /** By which the column is sorted and searched, and what the file has. */
  value: (row: Row) => Value;
  /** What is shown; the value without it. */
  cell?: (row: Row) => ComponentChildren;
  numeric?: boolean;
  /** Left out where the screen is narrow. */
  wide?: boolean;
  /** The first click puts the largest first. */
  falling?: boolean;
}

const PAGE = 100;

function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

const classes = <Row,>(column: Column<Row>) => [column.numeric ? "" : "text", column.wide ? "wide-only" : ""].join(" ").trim();

export function DataTable<Row>({
  name,
  caption,
  columns,
  rows,
  rowKey,
  initial,
  search,
  tools,
  nothing = "Nothing to show.",
  shown = PAGE,
}: {
  /** Name of the file that it is exported as. */
  name: string;
  /** What it is, for those who hear the page. */
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  initial?: Sort;
  /** The text in the search field; without it there is none. */
  search?: string;
  tools?: ComponentChildren;
  nothing?: string;
  /** How many rows there are at first. */
  shown?: number;
}) {
  const [sort, setSort] = useState<Sort | undefined>(initial);
  const [text, setText] = useState("");
  const [most, setMost] = useState(shown);
  const found = useMemo(() => searched(rows, columns.map((column) => column.value), text), [rows, text]);
  const ordered = useMemo(() => {
    const by = columns.find((column) => column.key === sort?.key);
    return sort && by ? sorted(found, by.value, sort.falling) : found;
  }, [found, sort]);
  const turn = (column: Column<Row>) =>
    setSort(sort?.key === column.key ? { key: column.key, falling: !sort.falling } : { key: column.key, falling: !!column.falling });
  const save = () =>
    download(name, csv(columns.map((column) => column.key), ordered.map((row) => columns.map((column) => column.value(row)))));

  return (
    <div class="table">
      <div class="tools">
        {search && (
          <input
            type="search"
            class="filter"
            placeholder={search}
            aria-label={search}
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setMost(shown);
            }}
          />
        )}
        {tools}
        <span class="count" aria-live="polite">
          {found.length === rows.length ? plural(rows.length, "row") : `${whole(found.length)} of ${plural(rows.length, "row")}`}
        </span>
        <button type="button" class="quiet" onClick={save} disabled={ordered.length === 0}>
          Export CSV
        </button>
      </div>
      <div class="scroll">
        <table data-rows>
          <caption class="hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column.key}
                  scope="col"
                  class={classes(column)}
                  aria-sort={sort?.key === column.key ? (sort.falling ? "descending" : "ascending") : "none"}
                >
                  <button type="button" title={column.hint} onClick={() => turn(column)}>
                    {column.title}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ordered.slice(0, most).map((row, place) => (
              <tr key={rowKey(row)} tabIndex={place === 0 ? 0 : -1}>
                {columns.map((column) => (
                  <td key={column.key} class={classes(column)}>
                    {column.cell ? column.cell(row) : (column.value(row) ?? "–")}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {ordered.length === 0 && <p class="none">{rows.length ? `Nothing fits “${text}”.` : nothing}</p>}
      </div>
      {ordered.length > most && (
        <button type="button" class="quiet more" onClick={() => setMost(most + 5 * PAGE)}>
          Show more ({whole(ordered.length - most)} left)
        </button>
      )}
    </div>
  );
}
