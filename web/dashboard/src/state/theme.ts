// Light or dark: what the system says, until the person says otherwise.
import { signal } from "@preact/signals";

export type Theme = "light" | "dark";

const system = window.matchMedia("(prefers-color-scheme: dark)");
const KEY = "orrery-theme";

function chosen(): Theme | null {
  const kept = window.localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : null;
}

export const theme = signal<Theme>(chosen() ?? (system.matches ? "dark" : "light"));

function show(next: Theme): void {
  document.documentElement.dataset.theme = next;
  theme.value = next;
}

export function startTheme(): void {
  show(theme.peek());
  system.addEventListener("change", () => chosen() ?? show(system.matches ? "dark" : "light"));
}

export function toggleTheme(): void {
  const next = theme.peek() === "dark" ? "light" : "dark";
  // What the system says anyway need not be kept: the page goes on following it.
  if (next === (system.matches ? "dark" : "light")) window.localStorage.removeItem(KEY);
  else window.localStorage.setItem(KEY, next);
  show(next);
}
