// Registered models: which version is live, what it was before, and moving them.
import { useState } from "preact/hooks";
import { api, change as ask } from "../api/client";
import { changed, useResource } from "../api/resource";
import type { Items, ModelVersion, Stage, StageChange } from "../api/types";
import { day, metricName, moment, number, percent, plural } from "../format";
import { useQuestion } from "../parts/dialog";
import { Chip, type Tone } from "../parts/pieces";
import { Await, Empty } from "../parts/states";
import { DataTable, type Column } from "../parts/table";
import { mayResearch } from "../state/session";

const MODELS = api("/models");
const stageTone: Record<Stage, Tone> = { live: "good", candidate: "own", retired: "plain" };

const historyColumns: Column<StageChange>[] = [
  { key: "at", title: "When", falling: true, value: (row) => row.at, cell: (row) => moment(row.at) },
  { key: "version", title: "Version", numeric: true, value: (row) => row.version },
  { key: "action", title: "What", value: (row) => row.action },
  { key: "to", title: "Stage", value: (row) => row.to, cell: (row) => `${row.from ?? "new"} → ${row.to}` },
  { key: "reason", title: "Why", value: (row) => row.reason, cell: (row) => <span class="wrap">{row.reason || "–"}</span> },
];

function History({ name }: { name: string }) {
  const history = useResource<Items<StageChange>>(api(`/models/${encodeURIComponent(name)}/history`));
  return (
    <Await of={history} rows={3}>
      {({ items }) => <DataTable name={`history_${name}`} caption={`History of ${name}`} columns={historyColumns} rows={items.map((one, place) => ({ ...one, place }))} rowKey={(row) => `${row.at}${row.version}${row.action}`} initial={{ key: "at", falling: true }} />}
    </Await>
  );
}

function Family({ name, versions }: { name: string; versions: ModelVersion[] }) {
  const [asked, question] = useQuestion();
  const [open, setOpen] = useState(false);
  const live = versions.find((one) => one.stage === "live");
  const move = (action: string, model: string) => (reason: string) =>
    ask("POST", api(`/models/${encodeURIComponent(model)}/${action}`), { reason }).then(() => changed(MODELS));
  const promote = (one: ModelVersion) => question({ title: `Make ${name}@${one.version} live?`, word: "Promote", reason: "Why", act: move("promote", `${name}@${one.version}`), text: <p>{live ? <>{name}@{live.version}, which is live now, is retired; a rollback brings it back.</> : <>No version is live now.</>}</p> });
  const retire = (one: ModelVersion) => question({ title: `Retire ${name}@${one.version}?`, word: "Retire", dangerous: true, reason: "Why", act: move("retire", `${name}@${one.version}`), text: <p>It is used no more.</p> });
  const rollback = () => question({ title: `Roll ${name} back?`, word: "Roll back", dangerous: true, reason: "Why", act: move("rollback", name), text: <p>The live version is retired, and the one that was live before it is live again.</p> });
  const retiredBefore = versions.some((one) => one.stage === "retired");
  const columns: Column<ModelVersion>[] = [
    { key: "version", title: "Version", numeric: true, falling: true, value: (one) => one.version },
    { key: "stage", title: "Stage", value: (one) => one.stage, cell: (one) => <Chip tone={stageTone[one.stage]}>{one.stage}</Chip> },
    { key: "model", title: "Model", wide: true, value: (one) => one.model },
    { key: "rank_ic_mean", title: "Rank IC", numeric: true, falling: true, value: (one) => one.metrics.rank_ic_mean ?? null, cell: (one) => <span title={Object.entries(one.metrics).map(([key, value]) => `${metricName(key)} ${number(value, 4)}`).join("\n")}>{number(one.metrics.rank_ic_mean, 4)}</span> },
    { key: "annual_return", title: "Return", wide: true, numeric: true, falling: true, value: (one) => one.metrics.annual_return ?? null, cell: (one) => percent(one.metrics.annual_return, 1) },
    { key: "train", title: "Learned from", wide: true, value: (one) => one.train.first, cell: (one) => `${day(one.train.first)} – ${day(one.train.last)}` },
    { key: "study", title: "Study", wide: true, value: (one) => one.study },
    { key: "registered", title: "Registered", wide: true, falling: true, value: (one) => one.registered, cell: (one) => moment(one.registered) },
  ];
  if (mayResearch.value) {
    columns.push({
      key: "act", title: "Move", value: () => "",
      cell: (one) => (
        <span class="acts">
          {one.stage === "candidate" && <button type="button" onClick={() => promote(one)}>Promote</button>}
          {one.stage !== "retired" && <button type="button" onClick={() => retire(one)}>Retire</button>}
        </span>
      ),
    });
  }
  return (
    <section>
      {asked}
      <div class="head small">
        <h2>{name} {live ? <Chip tone="good">version {live.version} live</Chip> : <Chip>none live</Chip>}</h2>
        {mayResearch.value && live && retiredBefore && <button type="button" onClick={rollback}>Roll back</button>}
      </div>
      <DataTable name={`models_${name}`} caption={`Versions of ${name}`} columns={columns} rows={versions} rowKey={(one) => String(one.version)} initial={{ key: "version", falling: true }} />
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>History</summary>
        {open && <History name={name} />}
      </details>
    </section>
  );
}

export function Models() {
  const models = useResource<Items<ModelVersion>>(MODELS);
  return (
    <Await of={models} rows={8}>
      {({ items }) => {
        const names = [...new Set(items.map((one) => one.name))];
        return (
          <>
            <div class="head"><div><h1>Models</h1><p class="subtitle">{names.length ? `${plural(names.length, "model")}, ${plural(items.length, "version")}. One version of each may be live.` : "The registry of this server."}</p></div></div>
            {names.length === 0 && <Empty title="No model is registered"><p><code>orrery models add RUN</code> takes in the model of a run.</p></Empty>}
            {names.map((name) => <Family key={name} name={name} versions={items.filter((one) => one.name === name)} />)}
          </>
        );
      }}
    </Await>
  );
}
