// One name: what the run says of it, how that changed, what was traded, and one decision step by step.
import { useMemo } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { About, Bar, Decision, DecisionStage, FactorValue, InformationDay, Recommendation, Rows, SessionAbout, Trade } from "../api/types";
import type { Colours } from "../charts/colours";
import { Candles } from "../charts/candles";
import { base, dateAxis, Plot, valueAxis, type Option } from "../charts/plot";
import { change, day, fact, longDay, money, number, percent, plural, whole } from "../format";
import { page, useQuery } from "../links";
import { Cards, Figure, IntervalBar, Section, Share } from "../parts/pieces";
import { RunChoice } from "../parts/run_choice";
import { SessionInput } from "../parts/session_input";
import { Await, Empty, NoRun } from "../parts/states";
import { DataTable, type Column } from "../parts/table";

type Row = Rows<Recommendation, SessionAbout>;

const SESSIONS = 60;
const DAYS_OF_BARS = 365;

function historyOption(past: Recommendation[]): (c: Colours) => Option {
  return (c) => ({
    ...base(c),
    tooltip: { ...(base(c).tooltip as object), formatter: (marks: { dataIndex: number }[]) => told(past[marks[0]?.dataIndex ?? 0]) },
    xAxis: dateAxis(c, past.map((one) => one.date)),
    yAxis: [
      valueAxis(c, (value) => whole(value), { inverse: true, min: 1, name: "", splitNumber: 4 }),
      valueAxis(c, (value) => percent(value, 1), { position: "right", splitLine: { show: false } }),
    ],
    series: [
      { name: "Weight (right)", type: "bar", yAxisIndex: 1, data: past.map((one) => one.weight), itemStyle: { color: c.pale }, barCategoryGap: "10%" },
      { name: "Rank (left, 1 at the top)", type: "line", data: past.map((one) => one.rank || null), symbol: "none", lineStyle: { color: c.own, width: 2 }, itemStyle: { color: c.own } },
    ],
  });
}

const told = (one: Recommendation | undefined) =>
  one ? `${day(one.date)}<br>rank ${one.rank || "–"}, score ${number(one.score, 4)}<br>weight ${percent(one.weight)}` : "";

function History({ past }: { past: Recommendation[] }) {
  const option = useMemo(() => historyOption(past), [past]);
  const held = past.filter((one) => one.weight !== 0).length;
  return (
    <Figure title={`The last ${plural(past.length, "session")}`} said={`Held after ${held} of them.`}>
      <Plot label="Rank and weight by session" option={option} />
    </Figure>
  );
}

/** The day so many days before another. */
const daysBefore = (date: string, days: number) => new Date(Date.parse(`${date}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);

const NO_TRADES: Trade[] = [];

/** Bars and trades up to the session that the page is about; nothing of what came after. */
function Prices({ about, symbol }: { about: SessionAbout; symbol: string }) {
  const bars = useResource<Rows<Bar, About>>(api(`/bars/${encodeURIComponent(symbol)}`, { run: about.run, from: daysBefore(about.date, DAYS_OF_BARS), to: about.date, limit: 1000 }));
  const trades = useTrades(about.run);
  const own = useMemo(() => trades.data?.items.filter((row) => row.symbol === symbol && row.kind === "trade" && row.date <= about.date) ?? NO_TRADES, [trades.data, symbol, about.date]);
  return (
    <Await of={bars}>
      {({ items }) =>
        items.length > 0 ? <Candles label={`Bars of ${symbol}`} bars={items} trades={own} /> : <p class="soft">It has no bars in the year before this session.</p>
      }
    </Await>
  );
}

const factorColumns: Column<FactorValue>[] = [
  { key: "factor", title: "Factor", value: (row) => row.factor, cell: (row) => <code>{row.factor}</code> },
  { key: "value", title: "Value", hint: "Before preprocessing", numeric: true, falling: true, value: (row) => row.value, cell: (row) => fact(row.value) },
  {
    key: "percentile", title: "Among all names", hint: "Share of the universe with a smaller value", numeric: true, falling: true, value: (row) => row.percentile,
    cell: (row) => (row.percentile === null ? "–" : <Share value={row.percentile} of={1}>{percent(row.percentile, 0)}</Share>),
  },
];

function FactorValues({ about, symbol }: { about: SessionAbout; symbol: string }) {
  const values = useResource<Rows<FactorValue, About>>(api(`/factors/${encodeURIComponent(symbol)}`, { run: about.run, from: about.date, to: about.date, limit: 10000 }));
  return (
    <Await of={values} missing={<p class="soft">The scores of this run were made elsewhere; it has no factors.</p>}>
      {({ items }) => <DataTable name={`factors_${about.run}_${symbol}_${about.date}`} caption={`Factors of ${symbol}`} columns={factorColumns} rows={items} rowKey={(row) => row.factor} initial={{ key: "percentile", falling: true }} shown={12} search="Filter factors" nothing="It has no bar on this session." />}
    </Await>
  );
}

const useTrades = (run: string) => useResource<Rows<Trade, About>>(api(`/runs/${encodeURIComponent(run)}/trades`, { sort: "-date", limit: 10000 }));

const tradeColumns: Column<Trade>[] = [
  { key: "date", title: "Session", value: (row) => row.date, cell: (row) => day(row.date), falling: true },
  { key: "kind", title: "What", value: (row) => row.side || row.kind },
  { key: "quantity", title: "Shares", numeric: true, falling: true, value: (row) => row.quantity, cell: (row) => whole(row.quantity) },
  { key: "price", title: "Price", wide: true, numeric: true, falling: true, value: (row) => row.price, cell: (row) => number(row.price) },
  { key: "value", title: "Value", numeric: true, falling: true, value: (row) => row.value, cell: (row) => money(row.value) },
  { key: "realised", title: "Realised", wide: true, numeric: true, falling: true, value: (row) => row.realised, cell: (row) => (row.realised ? money(row.realised) : "–") },
  { key: "reason", title: "Why", value: (row) => row.reason },
];

function Trades({ run, symbol }: { run: string; symbol: string }) {
  const trades = useTrades(run);
  return (
    <Await of={trades}>
      {(rows) => (
        <DataTable
          name={`bookings_${run}_${symbol}`}
          caption={`Bookings of ${symbol}`}
          columns={tradeColumns}
          rows={rows.items.filter((row) => row.symbol === symbol)}
          rowKey={(row) => `${row.date}${row.kind}${row.side}${row.quantity}${row.reason}`}
          nothing={rows.next ? "None among the run's last 10,000 bookings." : "The run never traded it."}
        />
      )}
    </Await>
  );
}

function Contributions({ facts }: { facts: DecisionStage["facts"] }) {
  const rows = Object.entries(facts).filter((pair): pair is [string, number] => typeof pair[1] === "number");
  const largest = Math.max(...rows.filter(([name]) => name !== "sum" && name !== "base value").map(([, value]) => Math.abs(value)), 1e-12);
  return (
    <table class="contributions">
      <tbody>
        {rows.map(([name, value]) => {
          const plain = name === "sum" || name === "base value";
          return (
            <tr key={name} class={plain ? "plain" : ""}>
              <th scope="row">{name}</th>
              <td class="signed">{!plain && <i class={value < 0 ? "down" : "up"} style={{ width: `${(50 * Math.abs(value)) / largest}%` }} />}</td>
              <td>{number(value, 5)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Stage({ stage }: { stage: DecisionStage }) {
  const facts = Object.entries(stage.facts);
  return (
    <li>
      <h3>{stage.name}</h3>
      <p class="known">known {stage.known}</p>
      {stage.name === "contributions" ? (
        <Contributions facts={stage.facts} />
      ) : (
        facts.length > 0 && (
          <dl class="facts">
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{fact(value)}</dd>
              </div>
            ))}
          </dl>
        )
      )}
      {stage.sentences.map((sentence) => <p key={sentence}>{sentence}</p>)}
    </li>
  );
}

function Explanation({ run, symbol, date }: { run: string; symbol: string; date: string }) {
  const decision = useResource<Decision>(api(`/decisions/${encodeURIComponent(symbol)}/${date}`, { run }));
  return (
    <Await of={decision} rows={10}>
      {(told) => (
        <ol class="stages">
          {told.stages.map((stage) => <Stage key={stage.name} stage={stage} />)}
        </ol>
      )}
    </Await>
  );
}

function State({ row }: { row: Recommendation }) {
  const scale = Math.max(Math.abs(row.lower ?? 0), Math.abs(row.upper ?? 0));
  return (
    <Cards
      cards={[
        { name: "Rank", value: row.rank ? whole(row.rank) : "–", beside: `score ${number(row.score, 4)}` },
        { name: "Weight", value: percent(row.weight), beside: row.change === 0 ? "as before" : `${change(row.change)} since the rebalance before` },
        { name: "Probability", value: percent(row.probability, 1), beside: "to do better than the median name" },
        {
          name: "Expected return",
          value: change(row.expected_return),
          beside: row.lower === null ? "no interval yet" : <><IntervalBar lower={row.lower} upper={row.upper} expected={row.expected_return} scale={scale} /> {change(row.lower, 1)} to {change(row.upper, 1)}</>,
          bad: (row.expected_return ?? 0) < 0,
        },
      ]}
    />
  );
}

function SymbolView({ symbol }: { symbol: string }) {
  const { run, date } = useQuery();
  const now = useResource<Row>(api("/recommendations", { run, symbol, date }));
  const about = now.data?.about;
  const days = useResource<Rows<InformationDay, About>>(about ? api(`/runs/${encodeURIComponent(about.run)}/ic`, { fields: "date", limit: 10000 }) : null);
  const sessions = useMemo(() => days.data?.items.map((row) => row.date) ?? [], [days.data]);
  const first = about ? sessions[Math.max(0, sessions.indexOf(about.date) + 1 - SESSIONS)] : undefined;
  const past = useResource<Rows<Recommendation, About>>(
    about && first ? api(`/recommendations/${encodeURIComponent(symbol)}`, { run: about.run, from: first, to: about.date, limit: SESSIONS }) : null,
  );
  return (
    <Await of={now} missing={<NoRun />}>
      {({ about, items }) => {
        const row = items[0];
        return (
          <>
            <div class="head">
              <div>
                <h1>{symbol}</h1>
                <p class="subtitle">After the close of {longDay(about.date)}, by {about.study}</p>
              </div>
              <div class="choices">
                <RunChoice />
                <SessionInput about={about} sessions={sessions} />
              </div>
            </div>
            {row ? (
              <>
                <State row={row} />
                <p class="why">{row.reasons.join("; ")}.</p>
              </>
            ) : (
              <Empty title={`${symbol} has no score here`}>
                Nothing is said of it after {day(about.date)}. <a href={page("/", { run })}>Names that have one</a>
              </Empty>
            )}
            <Section title="Prices"><Prices about={about} symbol={symbol} /></Section>
            <Section title="Rank and weight">
              <Await of={past}>{(rows) => (rows.items.length > 0 ? <History past={rows.items} /> : <p class="soft">It had no score in the last {SESSIONS} sessions.</p>)}</Await>
            </Section>
            <Section title="Factors" lead="What the model read of it, before preprocessing."><FactorValues about={about} symbol={symbol} /></Section>
            <Section title="The decision, from the bar to the fill" lead="Computed again from the run's own data: what was known, when, and what came of it.">
              <Explanation run={about.run} symbol={symbol} date={about.date} />
            </Section>
            <Section title="Bookings of the backtest"><Trades run={about.run} symbol={symbol} /></Section>
          </>
        );
      }}
    </Await>
  );
}

/** All names, where none is chosen. */
function AllSymbols() {
  const { run } = useQuery();
  const all = useResource<Row>(api("/recommendations", { run, limit: 10000 }));
  const columns: Column<Recommendation>[] = [
    { key: "symbol", title: "Symbol", value: (row) => row.symbol, cell: (row) => <a class="name" href={page(`/symbols/${encodeURIComponent(row.symbol)}`, { run })}>{row.symbol}</a> },
    { key: "rank", title: "Rank", numeric: true, value: (row) => row.rank || null },
    { key: "score", title: "Score", numeric: true, falling: true, value: (row) => row.score, cell: (row) => number(row.score, 4) },
    { key: "weight", title: "Weight", numeric: true, falling: true, value: (row) => row.weight, cell: (row) => (row.weight ? percent(row.weight) : "–") },
  ];
  return (
    <Await of={all} rows={12} missing={<NoRun />}>
      {({ about, items }) => (
        <>
          <div class="head">
            <div>
              <h1>Symbols</h1>
              <p class="subtitle">All names that {about.study} scored after {longDay(about.date)}. Press <kbd>/</kbd> to find one.</p>
            </div>
            <div class="choices"><RunChoice /></div>
          </div>
          <DataTable name={`symbols_${about.run}_${about.date}`} caption="Symbols" columns={columns} rows={items} rowKey={(row) => row.symbol} initial={{ key: "symbol", falling: false }} search="Filter names" />
        </>
      )}
    </Await>
  );
}

export function Symbols({ symbol }: { symbol?: string }) {
  return symbol ? <SymbolView key={symbol} symbol={symbol} /> : <AllSymbols />;
}
