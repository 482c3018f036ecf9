// What a run's model reads: how much each factor counts, and who has it.
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { About, Factor, Rows } from "../api/types";
import { number, percent, plural } from "../format";
import { useQuery } from "../links";
import { Share } from "../parts/pieces";
import { RunChoice } from "../parts/run_choice";
import { Await, NoRun } from "../parts/states";
import { DataTable, type Column } from "../parts/table";

export function Factors() {
  const { run } = useQuery();
  const factors = useResource<Rows<Factor, About>>(api("/factors", { run, limit: 10000 }));
  const largest = Math.max(0, ...(factors.data?.items ?? []).map((row) => row.mean_size ?? 0));
  const columns: Column<Factor>[] = [
    { key: "factor", title: "Factor", value: (row) => row.factor, cell: (row) => <code>{row.factor}</code> },
    {
      key: "mean_size", title: "Counts", hint: "Mean size of what it adds to a score, over the folds", numeric: true, falling: true, value: (row) => row.mean_size,
      cell: (row) => <Share value={row.mean_size ?? 0} of={largest}>{number(row.mean_size, 5)}</Share>,
    },
    { key: "covered", title: "Has a value", hint: "Share of the universe after the last session", numeric: true, falling: true, value: (row) => row.covered, cell: (row) => percent(row.covered, 1) },
  ];
  return (
    <>
      <div class="head">
        <div>
          <h1>Factors</h1>
          <p class="subtitle">What the run's model reads of every name, and how much each counts in its scores.</p>
        </div>
        <div class="choices"><RunChoice /></div>
      </div>
      <Await of={factors} rows={12} missing={<NoRun />}>
        {({ about, items }) => (
          <>
            <p class="why">{plural(items.length, "factor")} of {about.study}. A name's own values are on its page.</p>
            <DataTable name={`factors_${about.run}`} caption="Factors" columns={columns} rows={items} rowKey={(row) => row.factor} initial={{ key: "mean_size", falling: true }} search="Filter factors" />
          </>
        )}
      </Await>
    </>
  );
}
