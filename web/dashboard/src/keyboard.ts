// Keys that work everywhere: pages, search, rows of tables, help.

export interface Keys {
  go(path: string): void;
  help(): void;
}

export const PAGES: { key: string; path: string; name: string }[] = [
  { key: "t", path: "/", name: "Today" },
  { key: "p", path: "/portfolio", name: "Portfolio" },
  { key: "s", path: "/symbols", name: "Symbols" },
  { key: "r", path: "/research", name: "Research" },
  { key: "f", path: "/factors", name: "Factors" },
  { key: "m", path: "/models", name: "Models" },
  { key: "d", path: "/data", name: "Data" },
  { key: "y", path: "/system", name: "System" },
];

const SECONDS_FOR_SECOND_KEY = 1.2;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

/** Moves the focus in the table that has it, else in the page's first one. */
function moveRow(step: number): boolean {
  const here = document.activeElement?.closest("tr");
  const table = document.activeElement?.closest("[data-rows]") ?? document.querySelector("main [data-rows]");
  const rows = [...(table?.querySelectorAll<HTMLElement>("tbody tr") ?? [])];
  if (rows.length === 0) return false;
  const place = here ? rows.indexOf(here as HTMLElement) : -1;
  const next = place < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, place + step));
  rows.forEach((row, i) => (row.tabIndex = i === next ? 0 : -1));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: "nearest" });
  return true;
}

/** Opens what the focused row leads to. */
function openRow(): boolean {
  const row = document.activeElement;
  const link = row instanceof HTMLElement && row.tagName === "TR" ? row.querySelector<HTMLElement>("a, button") : null;
  link?.click();
  return !!link;
}

export function startKeyboard(keys: Keys): () => void {
  let leader = 0;
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    if (leader && event.timeStamp - leader < SECONDS_FOR_SECOND_KEY * 1000) {
      leader = 0;
      const page = PAGES.find((one) => one.key === event.key);
      if (page) {
        event.preventDefault();
        keys.go(page.path);
      }
      return;
    }
    const inTable = !!document.activeElement?.closest("[data-rows]");
    let done = true;
    if (event.key === "g") leader = event.timeStamp;
    else if (event.key === "?") keys.help();
    else if (event.key === "/") document.querySelector<HTMLInputElement>("#symbol-search")?.focus();
    else if (event.key === "j" || (event.key === "ArrowDown" && inTable)) done = moveRow(1);
    else if (event.key === "k" || (event.key === "ArrowUp" && inTable)) done = moveRow(-1);
    else if (event.key === "Enter") done = openRow();
    else done = false;
    if (done) event.preventDefault();
  };
  window.addEventListener("keydown", press);
  return () => window.removeEventListener("keydown", press);
}
