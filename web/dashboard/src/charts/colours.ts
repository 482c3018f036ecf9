// Colours of the style sheet, as charts need them: resolved, and again whenever the theme turns.

const NAMES = ["ground", "panel", "ink", "ink-soft", "line", "grid", "own", "other", "accent", "gain", "loss", "pale"] as const;

export type Colours = Record<(typeof NAMES)[number], string>;

export function colours(): Colours {
  const probe = document.body.appendChild(document.createElement("i"));
  const read = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const all = Object.fromEntries(NAMES.map((name) => [name, read(name)])) as Colours;
  probe.remove();
  return all;
}

/** The same colour, seen through. */
export const pale = (colour: string, alpha: number) => colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);

export const FONT = '"Inter Variable", system-ui, sans-serif';
