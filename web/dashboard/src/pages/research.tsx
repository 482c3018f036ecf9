// Runs side by side.
import { useMemo, useState } from "preact/hooks";
import { api, change as ask } from "../api/client";
import { changed, useResource } from "../api/resource";
import type { About, Equity, Rows, Run, RunDetail } from "../api/types";
import { MoneyChart, type Line } from "../charts/money_chart";
import { change, day, metricName, moment, number, percent } from "../format";
import { page } from "../links";
import { judgements } from "../trust";
import { useQuestion } from "../parts/dialog";
import { Chip, Figure, Section, tone } from "../parts/pieces";
import { RUNS } from "../parts/run_choice";
import { Await, NoRun } from "../parts/states";
import { DataTable, type Column } from "../parts/table";
import { mayResearch } from "../state/session";

const MOST = 4;
const COLOURS = ["own", "accent", "gain", "other"] as const;

/** Metrics that a comparison begins with; those in percent, and which way is better. */
const KEY_METRICS: [string, (value: number | null | undefined) => string][] = [
  ["rank_ic_mean", (value) => number(value, 4)],
  ["rank_ic_t", (value) => number(value, 2)],
  ["ic_mean", (value) => number(value, 4)],
  ["annual_return", (value) => percent(value, 1)],
  ["annual_volatility", (value) => percent(value, 1)],
  ["sharpe", (value) => number(value, 2)],
  ["max_drawdown", (value) => percent(value, 1)],
  ["excess_annual_return", (value) => percent(value, 1)],
  ["cost_annual", (value) => percent(value, 2)],
  ["break_even_cost_bps", (value) => number(value, 1)],
];

const useDetail = (run: string | undefined) => useResource<RunDetail>(run ? api(`/runs/${encodeURIComponent(run)}`) : null);

interface Side {
  run: string;
  colour: string;
}

function Head({ run, colour }: Side) {
  return <h3><i style={{ background: `var(--${colour})` }} />{run}</h3>;
}

/** What comes before every result: whether it can be told from luck. */
function Trust({ run, colour }: Side) {
  return (
    <div class="column">
      <Head run={run} colour={colour} />
      <Await of={useDetail(run)}>
        {(told) => {
          const all = judgements(told.metrics);
          const against = all.filter((one) => one.against).length;
          if (all.length === 0) return <p class="soft">This run has too little to judge it by.</p>;
          return (
            <>
              <p>{against === 0 ? <Chip tone="good">nothing speaks against it</Chip> : <Chip tone="bad">{against} of {all.length} speak against it</Chip>}{told.banner && <> <Chip tone="notice">simulated</Chip></>}</p>
              <dl class="metrics trust">
                {all.map((one) => (
                  <div key={one.name}>
                    <dt>{one.name}</dt>
                    <dd class={one.against ? "negative" : ""}>{one.value}</dd>
                    <dd class="beside">{one.beside}</dd>
                  </div>
                ))}
              </dl>
            </>
          );
        }}
      </Await>
    </div>
  );
}

function Detail({ run, colour, all }: Side & { all: boolean }) {
  const detail = useDetail(run);
  const metrics = detail.data?.metrics ?? {};
  const rest = Object.keys(metrics).filter((key) => !KEY_METRICS.some(([one]) => one === key)).sort();
  return (
    <div class="column">
      <Head run={run} colour={colour} />
      <Await of={detail}>
        {(told) => (
          <>
            <p class="soft">{day(told.test_first)} to {day(told.test_last)}{told.banner && <> <Chip tone="notice">simulated</Chip></>}</p>
            <dl class="metrics">
              {KEY_METRICS.map(([key, show]) => <div key={key}><dt>{metricName(key)}</dt><dd>{show(metrics[key])}</dd></div>)}
              {all && rest.map((key) => <div key={key}><dt>{metricName(key)}</dt><dd>{number(metrics[key], 4)}</dd></div>)}
            </dl>
          </>
        )}
      </Await>
    </div>
  );
}

function useGrowth(run: string | undefined) {
  return useResource<Rows<Equity, About>>(run ? api("/performance", { run, limit: 10000, fields: "date,equity" }) : null).data;
}

function Comparison({ runs }: { runs: string[] }) {
  const [all, setAll] = useState(false);
  const curves = [useGrowth(runs[0]), useGrowth(runs[1]), useGrowth(runs[2]), useGrowth(runs[3])];
  const lines = useMemo<Line[]>(
    () =>
      curves.slice(0, runs.length).flatMap((rows, i) => {
        const first = rows?.items[0]?.equity;
        if (!rows || !first) return [];
        return [{ name: rows.about.run, colour: COLOURS[i] ?? "own", points: rows.items.map((row) => ({ time: row.date, value: row.equity / first - 1 })) }];
      }),
    curves,
  );
  const colour = (place: number) => COLOURS[place] ?? "own";
  return (
    <>
      <h3>How far can it be believed?</h3>
      <div class="columns">{runs.map((run, i) => <Trust key={run} run={run} colour={colour(i)} />)}</div>
      <Figure title="Growth" said="After costs, from each run's own first session.">
        <MoneyChart label="Growth of the runs" lines={lines} format={(value) => change(value, 1)} level={0} />
      </Figure>
      <div class="columns">
        {runs.map((run, i) => <Detail key={run} run={run} colour={colour(i)} all={all} />)}
      </div>
      <button type="button" class="quiet" onClick={() => setAll(!all)}>{all ? "Key metrics only" : "All metrics"}</button>
    </>
  );
}

export function Research() {
  const runs = useResource<Rows<Run>>(RUNS);
  const [picked, setPicked] = useState<string[] | null>(null);
  const [asked, question] = useQuestion();
  const names = runs.data?.items.map((run) => run.run) ?? [];
  const chosen = (picked ?? names.slice(0, 2)).filter((name) => names.includes(name));
  const pick = (name: string) => setPicked(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name].slice(-MOST));
  const recommend = (run: Run) =>
    question({
      title: `Recommend from ${run.run}?`,
      word: "Tag it live",
      text: <p>The run gets the tag <code>live</code>; Today and all who ask without naming a run get its recommendations.</p>,
      act: () => ask("POST", api(`/runs/${encodeURIComponent(run.run)}/tags`), { tags: ["live"] }).then(() => changed("/api/")),
    });
  const columns: Column<Run>[] = [
    { key: "pick", title: "Compare", value: (run) => (chosen.includes(run.run) ? 0 : 1), cell: (run) => <input type="checkbox" aria-label={`Compare ${run.run}`} checked={chosen.includes(run.run)} onChange={() => pick(run.run)} /> },
    {
      key: "run", title: "Run", value: (run) => run.run,
      cell: (run) => (
        <span class="chips">
          <a class="name" href={page("/", { run: run.run })}>{run.run}</a>{" "}
          {run.preferred === "yes" && <Chip tone="own">recommended from</Chip>} {run.banner && <Chip tone="notice">simulated</Chip>}{" "}
          {run.tags.filter((tag) => tag !== "live" || run.preferred !== "yes").map((tag) => <Chip key={tag}>{tag}</Chip>)}
        </span>
      ),
    },
    { key: "tested", title: "Tested", wide: true, value: (run) => run.test_first, cell: (run) => `${day(run.test_first)} – ${day(run.test_last)}` },
    { key: "rank_ic_mean", title: "Rank IC", hint: "Mean over sessions, and its Newey-West t", numeric: true, falling: true, value: (run) => run.rank_ic_mean, cell: (run) => `${number(run.rank_ic_mean, 4)} (t ${number(run.rank_ic_t, 1)})` },
    { key: "annual_return", title: "Return", hint: "After costs, a year", numeric: true, falling: true, value: (run) => run.annual_return, cell: (run) => <span class={tone(run.annual_return)}>{percent(run.annual_return, 1)}</span> },
    { key: "sharpe", title: "Sharpe", numeric: true, falling: true, value: (run) => run.sharpe, cell: (run) => number(run.sharpe) },
    { key: "max_drawdown", title: "Fall", hint: "Largest from a peak", numeric: true, wide: true, value: (run) => run.max_drawdown, cell: (run) => percent(run.max_drawdown, 1) },
    { key: "finished", title: "Finished", wide: true, falling: true, value: (run) => run.finished, cell: (run) => moment(run.finished) },
    {
      key: "report", title: "Open", value: () => "",
      cell: (run) => (
        <>
          <a href={`/api/v1/runs/${encodeURIComponent(run.run)}/report`} target="_blank" rel="noopener">Report</a>
          {mayResearch.value && run.preferred !== "yes" && <button type="button" class="link" onClick={() => recommend(run)}>Recommend from it</button>}
        </>
      ),
    },
  ];
  return (
    <>
      {asked}
      <div class="head"><div><h1>Research</h1><p class="subtitle">Runs under the server's folder, the last finished first. Tick up to {MOST} to see them side by side.</p></div></div>
      <Await of={runs} missing={<NoRun />}>
        {({ items }) =>
          items.length === 0 ? <NoRun /> : (
            <>
              <DataTable name="runs" caption="Runs" columns={columns} rows={items} rowKey={(run) => run.run} search="Filter runs" />
              {chosen.length > 0 && <Section title="Side by side"><Comparison key={chosen.join("\n")} runs={chosen} /></Section>}
            </>
          )
        }
      </Await>
    </>
  );
}
