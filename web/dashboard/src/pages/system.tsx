// Daily rounds, alerts, studies that run, who may do what, and who is looking.
import { useState } from "preact/hooks";
import { ApiFailure, api, change as ask } from "../api/client";
import { changed, useResource } from "../api/resource";
import type { Items, Job, Role, Token } from "../api/types";
import { day, moment, roleName } from "../format";
import { page } from "../links";
import { Modal, useQuestion } from "../parts/dialog";
import { LogView } from "../parts/log_view";
import { Chip, Progress, Section, type Tone } from "../parts/pieces";
import { Await, Empty } from "../parts/states";
import { DataTable, type Column } from "../parts/table";
import { Alerts, Rounds } from "./operation";
import { leave, mayAdminister, mayResearch, me } from "../state/session";

const JOBS = api("/jobs");
const TOKENS = api("/tokens");
const ROLES: Role[] = ["viewer", "researcher", "trader", "risk_officer", "admin"];

const stateTone: Record<Job["state"], Tone> = { queued: "plain", running: "own", done: "good", failed: "bad", cancelled: "plain", lost: "bad" };

function Jobs() {
  const jobs = useResource<Items<Job>>(JOBS);
  const [asked, question] = useQuestion();
  const [log, setLog] = useState<Job | null>(null);
  const cancel = (job: Job) => question({ title: `Stop ${job.run}?`, word: "Stop it", dangerous: true, text: <p>What it has computed so far is lost.</p>, act: () => ask("DELETE", api(`/jobs/${job.number}`)).then(() => changed(JOBS)) });
  const columns: Column<Job>[] = [
    { key: "number", title: "Job", numeric: true, falling: true, value: (job) => job.number },
    { key: "run", title: "Run", value: (job) => job.run, cell: (job) => (job.state === "done" ? <a class="name" href={page("/", { run: job.run })}>{job.run}</a> : job.run) },
    { key: "state", title: "State", value: (job) => job.state, cell: (job) => <Chip tone={stateTone[job.state]}>{job.state}</Chip> },
    {
      key: "stage", title: "Progress", value: (job) => job.stage,
      cell: (job) =>
        job.state === "running" ? <span class="progress"><Progress done={job.done} total={job.total} label={`Progress of ${job.run}`} /> {job.stage}</span> : <span class="wrap">{job.message || "–"}</span>,
    },
    { key: "asked_by", title: "Asked by", wide: true, value: (job) => job.asked_by },
    { key: "asked", title: "When", wide: true, falling: true, value: (job) => job.asked, cell: (job) => moment(job.asked) },
  ];
  if (mayResearch.value) {
    columns.push({
      key: "act", title: "Act", value: () => "",
      cell: (job) => (
        <span class="acts">
          <button type="button" onClick={() => setLog(job)}>Log</button>
          {(job.state === "running" || job.state === "queued") && <button type="button" onClick={() => cancel(job)}>Stop</button>}
        </span>
      ),
    });
  }
  return (
    <>
      {asked}
      {log && <LogView title={`Log of ${log.run}`} path={api(`/jobs/${log.number}/log`)} onClose={() => setLog(null)} />}
      <Await of={jobs} rows={3}>
        {({ items }) => items.length === 0 ? <Empty title="No study was started here">{mayResearch.value ? "Paste one below." : "Researchers can start one."}</Empty> : <DataTable name="jobs" caption="Jobs" columns={columns} rows={items} rowKey={(job) => String(job.number)} initial={{ key: "number", falling: true }} />}
      </Await>
    </>
  );
}

function StartStudy() {
  const [run, setRun] = useState("");
  const [study, setStudy] = useState("");
  const [fault, setFault] = useState("");
  const [told, setTold] = useState("");
  const [busy, setBusy] = useState(false);
  const start = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    setTold("");
    try {
      const job = await ask<Job>("POST", api("/studies"), { run: run.trim(), study });
      setTold(`Job ${job.number} was taken.`);
      setStudy("");
      setRun("");
      await changed(JOBS);
    } catch (error) {
      const details = error instanceof ApiFailure ? (error.problem.errors ?? []).map((one) => `${one.field}: ${one.detail}`) : [];
      setFault([(error as Error).message, ...details].join("\n"));
    }
    setBusy(false);
  };
  return (
    <form class="panel" onSubmit={start}>
      <label class="field">Name of the run to make<input required value={run} placeholder="momentum" onInput={(event) => setRun(event.currentTarget.value)} /></label>
      <label class="field">The study, in YAML<textarea required rows={10} spellcheck={false} value={study} placeholder={"name: momentum\ndata: {path: /data/ohlcv.parquet}\n…"} onInput={(event) => setStudy(event.currentTarget.value)} /></label>
      <p class="soft">It is checked whole before it is taken. Give absolute paths: relative ones start at the server's folder of jobs.</p>
      {fault && <pre class="fault" role="alert">{fault}</pre>}
      {told && <p role="status">{told}</p>}
      <div class="answers"><button type="submit" class="primary" disabled={busy || !run.trim() || !study.trim()}>Start</button></div>
    </form>
  );
}

function NewToken({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [days, setDays] = useState(90);
  const [fault, setFault] = useState("");
  const [secret, setSecret] = useState("");
  const make = async (event: Event) => {
    event.preventDefault();
    setFault("");
    try {
      const made = await ask<Token & { secret: string }>("POST", TOKENS, { name: name.trim(), role, days });
      setSecret(made.secret);
      await changed(TOKENS);
    } catch (error) {
      setFault((error as Error).message);
    }
  };
  if (secret) {
    return (
      <Modal title="The token" onClose={onClose}>
        <p>It is shown this once and kept nowhere. Give it to {name} by a way that nobody else reads.</p>
        <pre class="secret" tabIndex={0}>{secret}</pre>
        <div class="answers">
          <button type="button" onClick={() => void navigator.clipboard?.writeText(secret)}>Copy</button>
          <button type="button" class="primary" onClick={onClose}>Done</button>
        </div>
      </Modal>
    );
  }
  return (
    <Modal title="A new token" onClose={onClose}>
      <form onSubmit={make}>
        <label class="field">Who will bear it<input required autofocus maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} /></label>
        <label class="field">What they may do<select value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>{ROLES.map((one) => <option key={one} value={one}>{roleName(one)}</option>)}</select></label>
        <label class="field">Good for days<input type="number" required min={1} max={3650} value={days} onInput={(event) => setDays(event.currentTarget.valueAsNumber)} /></label>
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="answers"><button type="button" onClick={onClose}>Cancel</button><button type="submit" class="primary">Make it</button></div>
      </form>
    </Modal>
  );
}

function Tokens() {
  const tokens = useResource<Items<Token>>(TOKENS);
  const [asked, question] = useQuestion();
  const [making, setMaking] = useState(false);
  const revoke = (token: Token) => question({ title: `Revoke the token of ${token.name}?`, word: "Revoke", dangerous: true, text: <p>Whoever bears it is refused from now on.</p>, act: () => ask("DELETE", api(`/tokens/${token.number}`)).then(() => changed(TOKENS)) });
  const columns: Column<Token>[] = [
    { key: "number", title: "Number", numeric: true, value: (token) => token.number },
    { key: "name", title: "Bearer", value: (token) => token.name },
    { key: "role", title: "Role", value: (token) => roleName(token.role) },
    { key: "created", title: "Made", wide: true, falling: true, value: (token) => token.created, cell: (token) => day(token.created) },
    { key: "expires", title: "Good until", value: (token) => token.revoked ?? token.expires, cell: (token) => (token.revoked ? <Chip tone="bad">revoked {day(token.revoked)}</Chip> : day(token.expires)) },
    { key: "act", title: "Act", value: () => "", cell: (token) => !token.revoked && <button type="button" onClick={() => revoke(token)}>Revoke</button> },
  ];
  return (
    <>
      {asked}
      {making && <NewToken onClose={() => setMaking(false)} />}
      <Await of={tokens} rows={3}>
        {({ items }) => <DataTable name="tokens" caption="API tokens" columns={columns} rows={items} rowKey={(token) => String(token.number)} tools={<button type="button" class="primary" onClick={() => setMaking(true)}>New token</button>} />}
      </Await>
    </>
  );
}

export function System() {
  const health = useResource<{ status: string; version: string }>("/healthz");
  const who = me.value;
  if (!who) return null;
  return (
    <>
      <div class="head">
        <div>
          <h1>System</h1>
          <p class="subtitle">Orrery {health.data?.version ?? ""}; <a href="/docs" target="_blank" rel="noopener">guide of the API</a></p>
        </div>
      </div>
      <div class="panel who">
        <p>You are <b>{who.name}</b>, {roleName(who.role)}, until {moment(who.expires)}.</p>
        <button type="button" onClick={() => void leave()}>Log out</button>
      </div>
      <Section title="Daily rounds"><Rounds /></Section>
      <Section title="Alerts"><Alerts /></Section>
      <Section title="Jobs"><Jobs /></Section>
      {mayResearch.value && <Section title="Start a study"><StartStudy /></Section>}
      {mayAdminister.value && <Section title="API tokens" lead="A token is what programs and people log in with. Its secret is shown once, when it is made."><Tokens /></Section>}
    </>
  );
}
