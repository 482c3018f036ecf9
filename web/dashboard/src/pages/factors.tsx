// What a run's model reads: how much each factor counts, and who has it.
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { About, Factor, JudgedFactor, Rows } from "../api/types";
import { day, number, percent, plural } from "../format";
import { useQuery } from "../links";
import { Section, Share } from "../parts/pieces";
import { RunChoice } from "../parts/run_choice";
import { Await, NoRun } from "../parts/states";
import { DataTable, type Column } from "../parts/table";

interface JudgedAbout extends About {
  first_session: string;
  last_session: string;
}

const judgedColumns: Column<JudgedFactor>[] = [
  { key: "factor", title: "Factor", value: (row) => row.factor, cell: (row) => <code>{row.factor}</code> },
  { key: "rank_ic_1", title: "Rank IC", hint: "Mean, with the return of the first session, and its Newey-West t", numeric: true, falling: true, value: (row) => row.rank_ic_1, cell: (row) => `${number(row.rank_ic_1, 4)} (t ${number(row.t, 1)})` },
  { key: "rank_ic_5", title: "5 sessions", numeric: true, falling: true, wide: true, value: (row) => row.rank_ic_5, cell: (row) => number(row.rank_ic_5, 4) },
  { key: "rank_ic_10", title: "10", numeric: true, falling: true, wide: true, value: (row) => row.rank_ic_10, cell: (row) => number(row.rank_ic_10, 4) },
  { key: "rank_ic_20", title: "20", numeric: true, falling: true, wide: true, value: (row) => row.rank_ic_20, cell: (row) => number(row.rank_ic_20, 4) },
  { key: "half_life", title: "Half-life", hint: "Sessions in which the rank IC halves; – where it does not, or there is none to halve", numeric: true, value: (row) => row.half_life, cell: (row) => number(row.half_life, 1) },
  { key: "persistence", title: "Persists", hint: "Mean correlation of a day's ranks with the day before's", numeric: true, falling: true, wide: true, value: (row) => row.persistence, cell: (row) => number(row.persistence) },
  { key: "nearest", title: "Most alike", hint: "The factor whose ranks are most alike, and their mean correlation", value: (row) => row.nearest, cell: (row) => (row.nearest ? <><code>{row.nearest}</code> {number(row.correlation)}</> : "–") },
];

function Judged({ run }: { run: string | undefined }) {
  const judged = useResource<Rows<JudgedFactor, JudgedAbout>>(api("/factors/evaluation", { run, limit: 10000 }));
  return (
    <Await of={judged} rows={12}>
      {({ about, items }) => (
        <>
          <p class="why">Sessions of {day(about.first_session)} to {day(about.last_session)}; their returns end before the first tested one.</p>
          <DataTable name={`factor_evaluation_${about.run}`} caption="What factors were worth" columns={judgedColumns} rows={items} rowKey={(row) => row.factor} initial={{ key: "rank_ic_1", falling: true }} shown={20} search="Filter factors" />
        </>
      )}
    </Await>
  );
}

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
            <DataTable name={`factors_${about.run}`} caption="Factors" columns={columns} rows={items} rowKey={(row) => row.factor} initial={{ key: "mean_size", falling: true }} shown={20} search="Filter factors" />
          </>
        )}
      </Await>
      {!factors.error && (
        <Section title="Worth, decay, likeness" lead="What each factor told of the returns that followed, how fast that fades, and which other one says the same.">
          <Judged run={run} />
        </Section>
      )}
    </>
  );
}
