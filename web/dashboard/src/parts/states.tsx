// What a page shows while there is nothing to show.
import type { ComponentChildren } from "preact";
import { ApiFailure, ConnectionLost } from "../api/client";
import type { Shown } from "../api/resource";

export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <i key={i} style={{ width: `${92 - ((i * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <circle cx="24" cy="24" r="4" />
        <ellipse cx="24" cy="24" rx="20" ry="9" transform="rotate(-28 24 24)" />
      </svg>
      <p class="title">{title}</p>
      {children && <div class="soft">{children}</div>}
    </div>
  );
}

const titles: Record<number, string> = {
  403: "Your role may not see this",
  404: "There is nothing here",
  429: "Too many questions at once",
  503: "The server is not ready",
};

export function Failed({ error }: { error: Error }) {
  if (error instanceof ConnectionLost) {
    return <Empty title="The server does not answer">This page fills itself as soon as it does.</Empty>;
  }
  const status = error instanceof ApiFailure ? error.status : 0;
  const details = error instanceof ApiFailure ? (error.problem.errors ?? []) : [];
  return (
    <div class="failed" role="alert">
      <p class="title">{titles[status] ?? "This could not be answered"}</p>
      <p>{error.message}</p>
      {details.length > 0 && (
        <ul>
          {details.map((one) => (
            <li key={one.field}>
              <code>{one.field}</code> {one.detail}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A document of the server, or what there is instead of it. */
export function Await<T>({
  of,
  rows,
  missing,
  children,
}: {
  of: Shown<T>;
  rows?: number;
  /** What is shown where the server knows nothing of it. */
  missing?: ComponentChildren;
  children: (data: T) => ComponentChildren;
}) {
  if (of.error) {
    if (missing && of.error instanceof ApiFailure && (of.error.status === 404 || of.error.status === 503)) return <>{missing}</>;
    return <Failed error={of.error} />;
  }
  if (of.data === undefined) return <Loading {...(rows ? { rows } : {})} />;
  return <>{children(of.data)}</>;
}

export function NoRun() {
  return (
    <Empty title="No run yet">
      <p>
        A run is what a study leaves: scores, weights and how they did. Start one with <code>orrery run STUDY.yaml</code> into
        the server's folder, or from <a href="/system">System</a>.
      </p>
    </Empty>
  );
}
