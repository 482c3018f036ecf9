// What the data covers, how fresh it is, and what was left out of a run.
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { About, Coverage, Quarantined, Rows, Run } from "../api/types";
import { day, moment, plural, whole } from "../format";
import { useQuery } from "../links";
import { Cards, Chip, Section } from "../parts/pieces";
import { RUNS, RunChoice } from "../parts/run_choice";
import { Await, Empty, NoRun } from "../parts/states";
import { DataTable, type Column } from "../parts/table";

const coverageColumns: Column<Coverage>[] = [
  { key: "symbol", title: "Symbol", value: (row) => row.symbol },
  { key: "table", title: "Table", value: (row) => row.table },
  { key: "source", title: "Source", wide: true, value: (row) => row.source },
  { key: "first", title: "First day", wide: true, value: (row) => row.first, cell: (row) => day(row.first) },
  { key: "last", title: "Last day", falling: true, value: (row) => row.last, cell: (row) => day(row.last) },
  { key: "missing", title: "Missing", hint: "Sessions between the first and the last day without a row", numeric: true, falling: true, value: (row) => row.missing, cell: (row) => (row.calendar ? whole(row.missing) : "–") },
  { key: "longest_gap", title: "Longest gap", numeric: true, falling: true, wide: true, value: (row) => row.longest_gap, cell: (row) => (row.calendar ? whole(row.longest_gap) : "–") },
  { key: "late", title: "Late", hint: "Sessions after the last day that are over", numeric: true, falling: true, value: (row) => row.late, cell: (row) => (row.calendar ? row.late > 0 ? <Chip tone="notice">{whole(row.late)}</Chip> : "0" : "–") },
  { key: "retrieved", title: "Fetched", wide: true, falling: true, value: (row) => row.retrieved, cell: (row) => moment(row.retrieved) },
];

const quarantineColumns: Column<Quarantined>[] = [
  { key: "date", title: "Day", value: (row) => row.date, cell: (row) => <span class="whole">{row.date}</span> },
  { key: "symbol", title: "Symbol", value: (row) => row.symbol },
  { key: "reason", title: "What is wrong", value: (row) => row.reason },
  { key: "found", title: "Found", value: (row) => row.found, cell: (row) => <span class="wrap"><code>{row.column}</code> {row.found}</span> },
  { key: "action", title: "What was done", value: (row) => row.action },
  { key: "line", title: "Line", wide: true, numeric: true, value: (row) => row.line },
];

function Lake() {
  const health = useResource<Rows<Coverage, { lake: string }>>(api("/data/health", { limit: 10000 }));
  return (
    <Await of={health}>
      {({ about, items }) => about.lake === "" ? (
        <Empty title="No lake here">The server's setting <code>lake</code> names the lake whose coverage and freshness are shown.</Empty>
      ) : (
        <>
          <Cards
            cards={[
              { name: "Symbols", value: whole(new Set(items.map((row) => row.symbol)).size), beside: plural(new Set(items.map((row) => row.table)).size, "table") },
              { name: "Missing", value: whole(items.reduce((sum, row) => sum + row.missing, 0)), beside: "sessions without a row" },
              { name: "Late", value: whole(items.filter((row) => row.late > 0).length), beside: "symbols that end before the last session", bad: items.some((row) => row.late > 0) },
            ]}
          />
          <DataTable name="data_health" caption="Coverage and freshness" columns={coverageColumns} rows={items} rowKey={(row) => `${row.table} ${row.source} ${row.symbol}`} initial={{ key: "late", falling: true }} search="Filter symbols, tables, sources" nothing="The lake is empty." />
        </>
      )}
    </Await>
  );
}

function Quarantine() {
  const { run } = useQuery();
  const runs = useResource<Rows<Run>>(RUNS);
  const shown = run ?? runs.data?.items.find((one) => one.preferred === "yes")?.run;
  const rows = useResource<Rows<Quarantined, About>>(shown ? api(`/runs/${encodeURIComponent(shown)}/quarantine`, { limit: 10000 }) : null);
  if (runs.data && !shown) return <NoRun />;
  return (
    <Await of={rows}>
      {({ items }) => <DataTable name={`quarantine_${shown}`} caption="Quarantine" columns={quarantineColumns} rows={items} rowKey={(row) => `${row.line} ${row.symbol} ${row.date} ${row.column} ${row.reason}`} search="Filter" nothing="Every row of the prices was good." />}
    </Await>
  );
}

export function Data() {
  return (
    <>
      <div class="head">
        <div>
          <h1>Data</h1>
          <p class="subtitle">What there is, how fresh it is, and what was left out because it can't be right.</p>
        </div>
        <div class="choices"><RunChoice /></div>
      </div>
      <Section title="Coverage and freshness"><Lake /></Section>
      <Section title="Quarantine of the run" lead="Rows of its price file that were left out or changed; the good ones beside them were kept."><Quarantine /></Section>
    </>
  );
}
