// What to hold after the last session, why, how sure, and how earlier picks did.
import { useMemo, useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { About, InformationDay, PickRecord, Recommendation, Rows, SessionAbout } from "../api/types";
import { base, dateAxis, Plot, valueAxis, type Option } from "../charts/plot";
import type { Colours } from "../charts/colours";
import { change, longDay, number, percent, plural, whole } from "../format";
import { page, useQuery } from "../links";
import { Cards, Chip, Figure, IntervalBar, Section, Share, tone } from "../parts/pieces";
import { RunChoice } from "../parts/run_choice";
import { SessionInput, useSession } from "../parts/session_input";
import { Await, NoRun } from "../parts/states";
import { DataTable, type Column } from "../parts/table";
import { recordSummary, rolling } from "../record";

type Picks = Rows<Recommendation, SessionAbout>;

const isNew = (row: Recommendation) => row.weight !== 0 && row.weight_before === 0;
const isClosed = (row: Recommendation) => row.weight === 0 && row.weight_before !== 0;

/** The reasons that the other columns don't tell already. */
const why = (row: Recommendation) => row.reasons.filter((reason) => !/^(score is number|is new|is closed)/.test(reason)).join(", ");

/** A scale on which all but the widest twentieth of the intervals have room. */
export function intervalScale(rows: readonly Recommendation[]): number {
  const ends = rows.flatMap((row) => [row.lower, row.upper]).filter((end): end is number => end !== null).map(Math.abs);
  return ends.sort((a, b) => a - b)[Math.floor(ends.length * 0.95)] ?? 0;
}

function columns(rows: readonly Recommendation[], link: (symbol: string) => string): Column<Recommendation>[] {
  const scale = intervalScale(rows);
  const heaviest = Math.max(0, ...rows.map((row) => Math.abs(row.weight)));
  const all: Column<Recommendation>[] = [
    { key: "rank", title: "Rank", hint: "Of the score within the session; 1 is the highest", numeric: true, value: (row) => row.rank || null },
    { key: "symbol", title: "Symbol", value: (row) => row.symbol, cell: (row) => <a class="name" href={link(row.symbol)}>{row.symbol}</a> },
    {
      key: "weight", title: "Weight", hint: "To hold from the next fill on; share of equity", numeric: true, falling: true,
      value: (row) => row.weight, cell: (row) => <Share value={row.weight} of={heaviest}>{row.weight === 0 ? "–" : percent(row.weight)}</Share>,
    },
    {
      key: "change", title: "Change", hint: "Weight less that of the rebalance before", numeric: true, falling: true, value: (row) => row.change,
      cell: (row) => (isNew(row) ? <Chip tone="good">new</Chip> : isClosed(row) ? <Chip tone="bad">close</Chip> : row.change === 0 ? "–" : change(row.change)),
    },
    {
      key: "probability", title: "Probability", numeric: true, falling: true, value: (row) => row.probability, cell: (row) => percent(row.probability, 1),
      hint: "Share of earlier cells in the same tenth of scores that did better than their session's median name",
    },
    {
      key: "expected_return", title: "Expected", hint: "What such a score has been worth, from the study's fill", numeric: true, falling: true,
      value: (row) => row.expected_return, cell: (row) => change(row.expected_return),
    },
    {
      key: "interval", title: "Interval", hint: `Of that return; the middle is nought, the ends ±${percent(scale, 1)}`, wide: true,
      value: (row) => (row.lower === null || row.upper === null ? null : row.upper - row.lower),
      cell: (row) => <IntervalBar lower={row.lower} upper={row.upper} expected={row.expected_return} scale={scale} />,
    },
    { key: "why", title: "Why", value: why, cell: (row) => why(row) || "–", wide: true },
  ];
  if (rows.some((row) => row.outcome !== null)) {
    all.push({
      key: "outcome", title: "Outcome", hint: "What the study's label turned out to be; nobody knew it then", numeric: true, falling: true,
      value: (row) => row.outcome, cell: (row) => <span class={tone(row.outcome)}>{change(row.outcome)}</span>,
    });
  }
  return all;
}

function Summary({ rows, record }: { rows: Recommendation[]; record: PickRecord[] | undefined }) {
  const held = rows.filter((row) => row.weight !== 0);
  const added = rows.filter(isNew).length;
  const closed = rows.filter(isClosed).length;
  const gross = held.reduce((sum, row) => sum + Math.abs(row.weight), 0);
  const net = held.reduce((sum, row) => sum + row.weight, 0);
  const turned = rows.reduce((sum, row) => sum + Math.abs(row.change), 0);
  const known = held.filter((row) => row.expected_return !== null);
  const weight = known.reduce((sum, row) => sum + Math.abs(row.weight), 0);
  const expected = weight > 0 ? known.reduce((sum, row) => sum + row.weight * (row.expected_return ?? 0), 0) / weight : null;
  const past = recordSummary(record ?? [], 60);
  return (
    <Cards
      cards={[
        { name: "Names to hold", value: whole(held.length), beside: `${added} new, ${closed} to close, ${held.length - added} kept` },
        { name: "Invested", value: percent(gross, 1), beside: Math.abs(gross - net) > 1e-9 ? `net ${percent(net, 1)}` : `${percent(turned / 2, 1)} to trade, one way` },
        { name: "Expected of a pick", value: change(expected), beside: "by weight, from the study's fill", bad: (expected ?? 0) < 0 },
        {
          name: "Earlier picks that did better",
          value: percent(past.better, 1),
          beside: past.sessions ? `than the median name; mean ${change(past.mean, 2)} against ${change(past.universe, 2)} of all, ${past.sessions} sessions` : "no outcome is known yet",
          bad: past.better !== null && past.better < 0.5,
        },
      ]}
    />
  );
}

function recordOption(record: PickRecord[]): (c: Colours) => Option {
  const rows = record.slice(-250);
  const excess = rows.map((row) => (row.mean_outcome === null || row.universe_outcome === null ? null : row.mean_outcome - row.universe_outcome));
  return (c) => ({
    ...base(c),
    xAxis: dateAxis(c, rows.map((row) => row.date)),
    yAxis: valueAxis(c, (value) => change(value, 1)),
    tooltip: { ...(base(c).tooltip as object), valueFormatter: (value: number) => change(value, 2) },
    series: [
      { name: "Picks less all names", type: "bar", data: excess.map((value) => ({ value, itemStyle: { color: (value ?? 0) < 0 ? c.loss : c.own, opacity: 0.55 } })), itemStyle: { color: c.own }, barCategoryGap: "20%" },
      { name: "Mean of 20 sessions", type: "line", data: rolling(excess, 20), symbol: "none", lineStyle: { color: c.ink, width: 2 }, itemStyle: { color: c.ink } },
    ],
  });
}

function Record({ record }: { record: PickRecord[] }) {
  const option = useMemo(() => recordOption(record), [record]);
  const all = recordSummary(record, record.length);
  return (
    <Figure
      title="Picks against all scored names"
      said={`Each bar is one session's picks, weighted, less the mean of all names, over the study's label; neighbours overlap where it spans several sessions. All ${plural(all.sessions, "session")}: ${change(all.mean, 3)} against ${change(all.universe, 3)}; ${percent(all.better, 1)} of picks beat the median name.`}
    >
      <Plot label="Outcome of picks less all names, by session" option={option} />
    </Figure>
  );
}

function SessionChoice({ about }: { about: SessionAbout }) {
  const go = useSession(about);
  const days = useResource<Rows<InformationDay, About>>(api(`/runs/${encodeURIComponent(about.run)}/ic`, { fields: "date", limit: 10000 }));
  const sessions = days.data?.items.map((row) => row.date) ?? [];
  const place = sessions.indexOf(about.date);
  return (
    <div class="sessions" role="group" aria-label="Session">
      <button type="button" aria-label="Session before" disabled={place <= 0} onClick={() => go(sessions[place - 1])}>‹</button>
      <SessionInput about={about} sessions={sessions} />
      <button type="button" aria-label="Session after" disabled={place < 0 || place >= sessions.length - 1} onClick={() => go(sessions[place + 1])}>›</button>
      <button type="button" disabled={about.date === about.last_session} onClick={() => go(undefined)}>Last</button>
    </div>
  );
}

function Picks({ picks, all, setAll }: { picks: Picks; all: boolean; setAll: (all: boolean) => void }) {
  const { run } = useQuery();
  const { about, items } = picks;
  const [least, setLeast] = useState("");
  const rows = least ? items.filter((row) => row.probability !== null && row.probability >= Number(least)) : items;
  const date = about.date === about.last_session ? undefined : about.date;
  const shown = useMemo(() => columns(rows, (symbol) => page(`/symbols/${encodeURIComponent(symbol)}`, { run, date })), [rows, run, date]);
  return (
    <DataTable
      name={`recommendations_${about.run}_${about.date}`}
      caption={`Recommendations after ${about.date}`}
      columns={shown}
      rows={rows}
      rowKey={(row) => row.symbol}
      initial={{ key: "rank", falling: false }}
      search="Filter names or reasons"
      tools={
        <>
          <span class="switch" role="group" aria-label="Which names">
            <button type="button" aria-pressed={!all} onClick={() => setAll(false)}>Held</button>
            <button type="button" aria-pressed={all} onClick={() => setAll(true)}>All names</button>
          </span>
          <label class="choice">
            <span>Probability</span>
            <select value={least} onChange={(event) => setLeast(event.currentTarget.value)}>
              <option value="">any</option>
              {[0.5, 0.51, 0.52, 0.55, 0.6].map((share) => (
                <option key={share} value={String(share)}>at least {number(share * 100, 0)} %</option>
              ))}
            </select>
          </label>
        </>
      }
      nothing="No name is held and none was before."
    />
  );
}

export function Today() {
  const { run, date } = useQuery();
  const [all, setAll] = useState(false);
  const held = useResource<Picks>(api("/recommendations", { run, date, held: true, limit: 10000 }));
  const whole = useResource<Picks>(all ? api("/recommendations", { run, date, limit: 10000 }) : null);
  const record = useResource<Rows<PickRecord, About>>(api("/recommendations/record", { run, limit: 10000 }));
  const before = record.data?.items.filter((row) => !held.data || row.date < held.data.about.date);
  return (
    <Await of={held} rows={12} missing={<NoRun />}>
      {(picks) => (
        <>
          <div class="head">
            <div>
              <h1>{longDay(picks.about.date)}</h1>
              <p class="subtitle">
                What <b>{picks.about.study}</b> holds from the next fill on
                {picks.about.date === picks.about.last_session ? "; the run's last session" : ""}
              </p>
            </div>
            <div class="choices">
              <RunChoice />
              <SessionChoice about={picks.about} />
            </div>
          </div>
          <Summary rows={picks.items} record={before} />
          <Section title="Recommendations">
            <Await of={all ? whole : held}>{(shown) => <Picks picks={shown} all={all} setAll={setAll} />}</Await>
          </Section>
          <Section title="How earlier picks did">
            <Await of={record}>{() => (before?.length ? <Record record={before} /> : <p class="soft">No outcome was known before this session.</p>)}</Await>
          </Section>
        </>
      )}
    </Await>
  );
}
