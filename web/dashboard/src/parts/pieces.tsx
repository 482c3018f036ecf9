// Small things that pages are made of.
import type { ComponentChildren } from "preact";
import { percent } from "../format";

export interface Card {
  name: string;
  value: ComponentChildren;
  beside?: ComponentChildren;
  bad?: boolean;
}

export function Cards({ cards }: { cards: Card[] }) {
  return (
    <dl class="cards">
      {cards.map((card) => (
        <div class="card" key={card.name}>
          <dt>{card.name}</dt>
          <dd class={`value${card.bad ? " negative" : ""}`}>{card.value}</dd>
          {card.beside && <dd class="beside">{card.beside}</dd>}
        </div>
      ))}
    </dl>
  );
}

export function Section({ title, lead, children }: { title: string; lead?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </section>
  );
}

export function Figure({ title, said, children }: { title: string; said?: ComponentChildren; children: ComponentChildren }) {
  return (
    <figure>
      <h3>{title}</h3>
      {children}
      {said && <figcaption>{said}</figcaption>}
    </figure>
  );
}

export type Tone = "plain" | "good" | "bad" | "notice" | "own";

export const Chip = ({ tone = "plain", children }: { tone?: Tone; children: ComponentChildren }) => <span class={`chip ${tone}`}>{children}</span>;

/** An expected return as a dot in its interval, on a scale that all rows share: from -scale to scale. */
export function IntervalBar({ lower, upper, expected, scale }: { lower: number | null; upper: number | null; expected: number | null; scale: number }) {
  if (lower === null || upper === null || !(scale > 0)) return <>–</>;
  const at = (value: number) => 50 + 50 * Math.max(-1, Math.min(1, value / scale));
  return (
    <span class="interval" role="img" aria-label={`between ${percent(lower)} and ${percent(upper)}`} title={`${percent(lower)} to ${percent(upper)}`}>
      <i class="zero" />
      <i class="span" style={{ left: `${at(lower)}%`, width: `${at(upper) - at(lower)}%` }} />
      {expected !== null && <i class="dot" style={{ left: `${at(expected)}%` }} />}
    </span>
  );
}

/** A share of something as a bar behind its number. */
export const Share = ({ value, of, children }: { value: number; of: number; children: ComponentChildren }) => (
  <span class="share">
    <i style={{ width: `${of > 0 ? Math.min(100, (100 * Math.abs(value)) / of) : 0}%` }} class={value < 0 ? "short" : ""} />
    <span>{children}</span>
  </span>
);

export function Progress({ done, total, label }: { done: number; total: number; label: string }) {
  return total > 0 ? (
    <progress max={total} value={done} aria-label={label} />
  ) : (
    <progress aria-label={label} />
  );
}

export const tone = (value: number | null | undefined) => (value !== null && value !== undefined && value < 0 ? "negative" : "");
