// Accounts that are traded: books, exposure, the drawdown ladder and a person's words. Without one, the run's account.
import { useMemo } from "preact/hooks";
import { api, change as ask } from "../api/client";
import { changed, useResource } from "../api/resource";
import type { About, Account, Equity, Items, Position, RiskEvent, Rows } from "../api/types";
import { MoneyChart } from "../charts/money_chart";
import { change, day, money, number, percent, plural, whole } from "../format";
import { page, useQuery, useSetQuery } from "../links";
import { Cards, Chip, Figure, Section, Share, type Tone } from "../parts/pieces";
import { useQuestion, type Question } from "../parts/dialog";
import { RunChoice } from "../parts/run_choice";
import { Await, Empty, NoRun } from "../parts/states";
import { DataTable, type Column } from "../parts/table";
import { drawdowns } from "../record";
import { mayConfirm, mayTrade } from "../state/session";

const ACCOUNTS = api("/accounts");

function Curves({ rows, initial }: { rows: Equity[]; initial: number }) {
  const equity = useMemo(() => [{ name: "Equity", colour: "own" as const, area: true, points: rows.map((row) => ({ time: row.date, value: row.equity })) }], [rows]);
  const falls = useMemo(() => {
    const values = drawdowns(rows.map((row) => row.equity));
    return [{ name: "Drawdown", colour: "loss" as const, area: true, points: rows.map((row, i) => ({ time: row.date, value: values[i] ?? 0 })) }];
  }, [rows]);
  const exposure = useMemo(() => {
    const lines = [{ name: "Long", colour: "own" as const, points: rows.map((row) => ({ time: row.date, value: row.long_exposure })) }];
    if (!rows.some((row) => row.short_exposure < 0)) return lines;
    return [...lines, { name: "Short", colour: "loss" as const, points: rows.map((row) => ({ time: row.date, value: row.short_exposure })) }];
  }, [rows]);
  return (
    <>
      <h2 class="hidden">Session by session</h2>
      <Figure title="Equity" said="After each close; the dashed line is what it began with.">
        <MoneyChart label="Equity by session" lines={equity} format={money} level={initial} height={300} />
      </Figure>
      <div class="pair">
        <Figure title="Drawdown" said="From the highest equity so far.">
          <MoneyChart label="Drawdown by session" lines={falls} format={(value) => percent(value, 1)} height={190} attribution={false} />
        </Figure>
        <Figure title="Exposure" said="A share of equity.">
          <MoneyChart label="Exposure by session" lines={exposure} format={(value) => percent(value, 0)} height={190} attribution={false} />
        </Figure>
      </div>
    </>
  );
}

/** `run`: of a run, whose names have pages. */
function Holdings({ name, rows, equity, run }: { name: string; rows: Position[]; equity: number; run?: string }) {
  const heaviest = Math.max(0, ...rows.map((row) => Math.abs(row.value)));
  const columns: Column<Position>[] = [
    { key: "symbol", title: "Symbol", value: (row) => row.symbol, cell: (row) => (run ? <a class="name" href={page(`/symbols/${encodeURIComponent(row.symbol)}`, { run })}>{row.symbol}</a> : <b class="name">{row.symbol}</b>) },
    { key: "value", title: "Value", numeric: true, falling: true, value: (row) => row.value, cell: (row) => money(row.value) },
    { key: "share", title: "Of equity", numeric: true, falling: true, value: (row) => row.value / equity, cell: (row) => <Share value={row.value} of={heaviest}>{percent(row.value / equity)}</Share> },
    { key: "quantity", title: "Shares", numeric: true, falling: true, wide: true, value: (row) => row.quantity, cell: (row) => whole(row.quantity) },
    { key: "price", title: "Price", numeric: true, falling: true, wide: true, value: (row) => row.price, cell: (row) => number(row.price) },
  ];
  return (
    <DataTable name={name} caption="Positions" columns={columns} rows={rows} rowKey={(row) => row.symbol} initial={{ key: "value", falling: true }} search="Filter names" nothing="Nothing is held." />
  );
}

/** What may be held on each level; docs/risk.md has the whole of it. */
const LEVELS = ["full", "alert", "reduced", "havens", "stopped"];

function Ladder({ account }: { account: Account }) {
  const { ladder } = account;
  if (!ladder.there) return <p class="soft">The study of this account has no ladder.</p>;
  return (
    <>
      <ol class="ladder" aria-label="Levels of the drawdown ladder">
        {LEVELS.map((name, level) => (
          <li key={name} class={`${level <= ladder.level ? "reached" : ""} level-${level}`} aria-current={level === ladder.level ? "step" : undefined}>
            <b>{level}</b> {name}
          </li>
        ))}
      </ol>
      <p>
        Level {ladder.level} of 4, {percent(ladder.drawdown, 1)} below the mark.
        {ladder.waits_for_person && <b class="negative"> Stopped until a person confirms.</b>}
      </p>
    </>
  );
}

function Words({ account, question }: { account: Account; question: (question: Question) => void }) {
  const path = api(`/accounts/${encodeURIComponent(account.account)}`);
  const tell = (word: string) => () => ask("POST", `${path}/${word}`).then(() => changed(ACCOUNTS));
  const own = <b>{account.account}</b>;
  if (!mayTrade.value) return null;
  const stays = " It is obeyed before the account's next session.";
  return (
    <div class="words">
      {account.mode === "on" ? (
        <button type="button" onClick={() => question({ title: "Pause the account?", word: "Pause", act: tell("pause"), text: <p>{own} sends no more orders, and drops those that were decided. What it holds stays.{stays}</p> })}>Pause</button>
      ) : (
        <button type="button" onClick={() => question({ title: "Let the account trade again?", word: "Resume", act: tell("resume"), text: <p>{own} trades again as its study says.{stays}</p> })}>Resume</button>
      )}
      <button type="button" class="danger" disabled={account.mode === "flattened"} onClick={() => question({ title: "Close everything?", word: "Flatten", dangerous: true, act: tell("flatten"), text: <p>{own} sells all {plural(account.positions, "position")} at its next session and stays out until it is resumed.</p> })}>Flatten</button>
      {mayConfirm.value && (
        <button type="button" disabled={!account.ladder.waits_for_person} title={account.ladder.waits_for_person ? "" : "There is something to confirm only after the ladder's stop"} onClick={() => question({ title: "Let the ladder lead back into the market?", word: "Confirm", act: tell("confirm"), text: <p>The mark of {own} is set back to where it stands, and the ladder goes to level 3 and leads on through its gate. Look at what happened first.</p> })}>Confirm</button>
      )}
    </div>
  );
}

const modeTone: Record<Account["mode"], Tone> = { on: "good", paused: "notice", flattened: "bad" };
const modeName: Record<Account["mode"], string> = { on: "trading", paused: "paused", flattened: "flattened" };

const eventColumns: Column<RiskEvent>[] = [
  { key: "date", title: "After", value: (row) => row.date, cell: (row) => day(row.date), falling: true },
  { key: "step", title: "Level", value: (row) => row.to, cell: (row) => `${row.from} → ${row.to}` },
  { key: "drawdown", title: "Drawdown", numeric: true, falling: true, value: (row) => row.drawdown, cell: (row) => percent(row.drawdown, 1) },
  { key: "cause", title: "Why", value: (row) => row.cause, cell: (row) => <span class="wrap">{row.cause}</span> },
];

function AccountView({ account, all }: { account: Account; all: Account[] }) {
  const [asked, question] = useQuestion();
  const set = useSetQuery();
  const path = `/accounts/${encodeURIComponent(account.account)}`;
  const equity = useResource<Rows<Equity>>(api(`${path}/equity`, { limit: 10000 }));
  const positions = useResource<Rows<Position>>(account.last_session ? api(`${path}/positions`, { from: account.last_session, limit: 10000 }) : null);
  return (
    <>
      {asked}
      <div class="head">
        <div>
          <h1>{account.account} <Chip tone={modeTone[account.mode]}>{modeName[account.mode]}</Chip></h1>
          <p class="subtitle">
            {account.last_session ? `${plural(account.sessions, "session")}, ${day(account.first_session)} to ${day(account.last_session)}; ${plural(account.orders, "order")}` : "It has not traded a session yet."}
          </p>
        </div>
        <div class="choices">
          {all.length > 1 && (
            <label class="choice">
              <span>Account</span>
              <select value={account.account} onChange={(event) => set({ account: event.currentTarget.value })}>
                {all.map((one) => <option key={one.account}>{one.account}</option>)}
              </select>
            </label>
          )}
          <Words account={account} question={question} />
        </div>
      </div>
      {account.waiting.length > 0 && <p class="waiting" role="status">Waits for the next session: {account.waiting.join(", ")}.</p>}
      <Cards
        cards={[
          { name: "Equity", value: money(account.equity), beside: `began with ${money(account.initial_cash)}` },
          { name: "Gain", value: change(account.gain), beside: account.equity === null ? "" : `${money(account.equity - account.initial_cash)} since the beginning`, bad: (account.gain ?? 0) < 0 },
          { name: "Cash", value: money(account.cash), beside: account.equity ? `${percent((account.cash ?? 0) / account.equity, 1)} of equity` : "" },
          { name: "Positions", value: whole(account.positions), beside: `ladder on level ${account.ladder.level}` },
        ]}
      />
      <Await of={equity}>{(rows) => (rows.items.length ? <Curves rows={rows.items} initial={account.initial_cash} /> : <p class="soft">No session yet.</p>)}</Await>
      <Section title="Drawdown ladder"><Ladder account={account} />
        {account.risk_events.length > 0 && (
          <details>
            <summary>{plural(account.risk_events.length, "change")} of level</summary>
            <DataTable name={`ladder_${account.account}`} caption="Changes of the ladder's level" columns={eventColumns} rows={account.risk_events} rowKey={(row) => `${row.date}${row.from}${row.to}`} initial={{ key: "date", falling: true }} />
          </details>
        )}
      </Section>
      <Section title="Positions">
        {account.last_session ? <Await of={positions}>{(rows) => <Holdings name={`positions_${account.account}`} rows={rows.items} equity={account.equity ?? 1} />}</Await> : <p class="soft">Nothing is held.</p>}
      </Section>
    </>
  );
}

/** The account of a run's backtest, where none is traded. */
function RunView() {
  const { run } = useQuery();
  const equity = useResource<Rows<Equity, About>>(api("/performance", { run, limit: 10000 }));
  const name = equity.data?.about.run;
  const last = equity.data?.items.at(-1);
  const positions = useResource<Rows<Position, About>>(name && last ? api(`/runs/${encodeURIComponent(name)}/positions`, { from: last.date, limit: 10000 }) : null);
  return (
    <Await of={equity} missing={<NoRun />}>
      {({ about, items }) => {
        const first = items[0];
        if (!first || !last) return <Empty title="The run has no sessions" />;
        return (
          <>
            <div class="head">
              <div>
                <h1>Backtest of {about.run}</h1>
                <p class="subtitle">No account is traded yet; this is what the run's own account did, {day(first.date)} to {day(last.date)}. <code>orrery trade STUDY.yaml --account DIR</code> opens one.</p>
              </div>
              <div class="choices"><RunChoice /></div>
            </div>
            <Cards
              cards={[
                { name: "Equity", value: money(last.equity), beside: `began with ${money(first.equity)}` },
                { name: "Gain", value: change(last.equity / first.equity - 1), beside: `after costs, ${plural(items.length, "session")}`, bad: last.equity < first.equity },
                { name: "Largest fall", value: percent(Math.min(...drawdowns(items.map((row) => row.equity)))), beside: "from a peak" },
                { name: "Positions", value: whole(last.positions), beside: `${percent(last.cash / last.equity, 1)} in cash` },
              ]}
            />
            <Curves rows={items} initial={first.equity} />
            <Section title="Positions" lead={`After ${day(last.date)}.`}>
              <Await of={positions}>{(rows) => <Holdings name={`positions_${about.run}`} rows={rows.items} equity={last.equity} run={about.run} />}</Await>
            </Section>
          </>
        );
      }}
    </Await>
  );
}

export function Portfolio() {
  const { account, run } = useQuery();
  const accounts = useResource<Items<Account>>(ACCOUNTS);
  return (
    <Await of={accounts} rows={12}>
      {({ items }) => {
        const chosen = items.find((one) => one.account === account) ?? (run ? undefined : items[0]);
        return chosen ? <AccountView key={chosen.account} account={chosen} all={items} /> : <RunView />;
      }}
    </Await>
  );
}
