// The daily round: what was done for each session, and the alerts that came of it.
import { useState } from "preact/hooks";
import { api, change as ask } from "../api/client";
import { changed, useResource } from "../api/resource";
import type { AlertMessage, Items, OperationAlert, Round, RoundStep } from "../api/types";
import { day, moment, plural } from "../format";
import { Modal, useQuestion } from "../parts/dialog";
import { LogView } from "../parts/log_view";
import { Chip, type Tone } from "../parts/pieces";
import { Await, Empty } from "../parts/states";
import { DataTable, type Column } from "../parts/table";
import { mayAcknowledge, mayResearch } from "../state/session";

const ROUNDS = api("/operations", { limit: 20 });
const ALERTS = api("/alerts", { limit: 50 });

const roundTone: Record<Round["state"], Tone> = { running: "own", done: "good", failed: "bad", missed: "notice" };
const stepTone: Record<RoundStep["state"], Tone> = {
  waiting: "plain", running: "own", retrying: "notice", done: "good", action: "notice", failed: "bad", blocked: "bad", skipped: "plain",
};
const levelTone: Record<OperationAlert["level"], Tone> = { info: "plain", warning: "notice", critical: "bad" };
const modes: Record<Round["mode"], string> = { scheduled: "its time", catch_up: "made up for", backfill: "backfill", replay: "replay" };

const took = ({ started, ended }: RoundStep) => (started && ended ? `${((Date.parse(ended) - Date.parse(started)) / 1000).toFixed(1)} s` : "–");

function Steps({ round }: { round: Round }) {
  const [log, setLog] = useState<RoundStep | null>(null);
  const columns: Column<RoundStep>[] = [
    { key: "step", title: "Step", value: (step) => step.step },
    {
      key: "state", title: "State", value: (step) => step.state,
      cell: (step) => <><Chip tone={stepTone[step.state]}>{step.state === "action" ? "to be done" : step.state}</Chip> {step.late && <Chip tone="bad">late</Chip>}</>,
    },
    { key: "attempts", title: "Attempts", numeric: true, value: (step) => step.attempts },
    { key: "started", title: "Began", wide: true, value: (step) => step.started ?? "", cell: (step) => moment(step.started) },
    { key: "took", title: "Took", numeric: true, wide: true, value: took },
    { key: "message", title: "Message", value: (step) => step.message, cell: (step) => <span class="wrap">{step.message || "–"}</span> },
  ];
  if (mayResearch.value) {
    columns.push({ key: "act", title: "Act", value: () => "", cell: (step) => step.attempts > 0 && <button type="button" onClick={() => setLog(step)}>Log</button> });
  }
  return (
    <>
      {log && <LogView title={`Log of ${log.step}, ${day(round.session)}`} path={api(`/operations/${round.session}/${log.step}/log`)} onClose={() => setLog(null)} />}
      <DataTable name="steps" caption={`Steps of ${day(round.session)}`} columns={columns} rows={round.steps} rowKey={(step) => step.step} />
    </>
  );
}

export function Rounds() {
  const rounds = useResource<Items<Round>>(ROUNDS);
  const [chosen, setChosen] = useState<string | null>(null);
  const columns: Column<Round>[] = [
    { key: "session", title: "Session", falling: true, value: (round) => round.session, cell: (round) => <button type="button" class="name" onClick={() => setChosen(round.session)}>{day(round.session)}</button> },
    { key: "state", title: "Round", value: (round) => round.state, cell: (round) => <Chip tone={roundTone[round.state]}>{round.state}</Chip> },
    { key: "mode", title: "Why", wide: true, value: (round) => modes[round.mode] },
    { key: "due", title: "Due", wide: true, value: (round) => round.due, cell: (round) => moment(round.due) },
    { key: "ended", title: "Ended", wide: true, value: (round) => round.ended ?? "", cell: (round) => moment(round.ended) },
    {
      key: "open", title: "Not done", value: (round) => round.steps.filter((step) => !["done", "action", "skipped"].includes(step.state)).map((step) => `${step.step} ${step.state}`).join(", "),
    },
  ];
  return (
    <Await of={rounds} rows={3}>
      {({ items }) => {
        const shown = items.find((round) => round.session === chosen) ?? items[0];
        if (!shown) return <Empty title="No daily round was done here"><code>orrery operate daily.yaml</code> does them, with its state in <code>.operate</code> beside the runs.</Empty>;
        return (
          <>
            <DataTable name="rounds" caption="Daily rounds" columns={columns} rows={items} rowKey={(round) => round.session} initial={{ key: "session", falling: true }} />
            <h3>The round of {day(shown.session)}</h3>
            <Steps round={shown} />
          </>
        );
      }}
    </Await>
  );
}

const told = (messages: AlertMessage[]) => messages.map((one) => `${one.channel} ${one.state.replace("_", " ")}`).join(", ") || "nobody";

export function Alerts() {
  const alerts = useResource<Items<OperationAlert>>(ALERTS);
  const [asked, question] = useQuestion();
  const [read, setRead] = useState<OperationAlert | null>(null);
  const acknowledge = (alert: OperationAlert) =>
    question({ title: `Acknowledge “${alert.title}”?`, word: "I have seen it", text: <p>It is not escalated any more.</p>, act: () => ask("POST", api(`/alerts/${alert.number}/acknowledge`)).then(() => changed(ALERTS)) });
  const columns: Column<OperationAlert>[] = [
    { key: "number", title: "Number", numeric: true, falling: true, value: (alert) => alert.number },
    { key: "level", title: "Level", value: (alert) => alert.level, cell: (alert) => <Chip tone={levelTone[alert.level]}>{alert.level}</Chip> },
    { key: "title", title: "What", value: (alert) => alert.title, cell: (alert) => <button type="button" class="name" onClick={() => setRead(alert)}>{alert.title}</button> },
    { key: "raised", title: "When", falling: true, value: (alert) => alert.raised, cell: (alert) => moment(alert.raised) },
    { key: "times", title: "Times", numeric: true, wide: true, value: (alert) => alert.times },
    { key: "told", title: "Told", wide: true, value: (alert) => told(alert.deliveries), cell: (alert) => <span class="wrap">{told(alert.deliveries)}</span> },
    {
      key: "seen", title: "Seen by", value: (alert) => alert.acknowledged_by,
      cell: (alert) => alert.acknowledged_by || (alert.level !== "info" && mayAcknowledge.value ? <button type="button" onClick={() => acknowledge(alert)}>Acknowledge</button> : "–"),
    },
  ];
  return (
    <>
      {asked}
      {read && (
        <Modal title={read.title} onClose={() => setRead(null)}>
          <p>{read.source}, {moment(read.raised)}{read.times > 1 && `, raised ${plural(read.times, "time")}`}</p>
          <pre tabIndex={0}>{read.text || "There is no more to it."}</pre>
          {read.deliveries.filter((one) => one.problem).map((one) => <p class="fault" key={one.channel}>{one.channel}: {one.problem}</p>)}
          <div class="answers"><button type="button" onClick={() => setRead(null)}>Close</button></div>
        </Modal>
      )}
      <Await of={alerts} rows={3}>
        {({ items }) => items.length === 0 ? <Empty title="There has been no alert" /> : <DataTable name="alerts" caption="Alerts" columns={columns} rows={items} rowKey={(alert) => String(alert.number)} initial={{ key: "number", falling: true }} />}
      </Await>
    </>
  );
}
