// Who is not known shows a token.
import { useState } from "preact/hooks";
import { ApiFailure } from "../api/client";
import { Mark } from "../parts/mark";
import { enter } from "../state/session";

function whyNot(error: unknown): string {
  if (!(error instanceof ApiFailure)) return "The server does not answer. Is it running?";
  if (error.status === 429) return `Too many attempts. Wait ${error.retryAfter || 30} seconds.`;
  return error.status === 401 ? "This token is unknown, expired or revoked." : error.message;
}

export function LogIn() {
  const [token, setToken] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      await enter(token);
    } catch (error) {
      setFault(whyNot(error));
      setBusy(false);
    }
  };
  return (
    <main class="door">
      <form class="panel" onSubmit={submit}>
        <h1><Mark /> Orrery</h1>
        <label class="field">
          API token
          <input type="password" name="token" required autofocus autocomplete="current-password" placeholder="orrery_…" aria-invalid={!!fault} aria-describedby="door-fault" value={token} onInput={(event) => setToken(event.currentTarget.value)} />
        </label>
        <p id="door-fault" class="fault" role="alert">{fault}</p>
        <button type="submit" class="primary" disabled={busy || !token.trim()}>Log in</button>
        <p class="soft">The server printed its first token when it was first started. Further ones are made on the page System.</p>
      </form>
    </main>
  );
}
