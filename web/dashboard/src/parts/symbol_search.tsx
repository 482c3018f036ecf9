// Finds a name by its beginning, among those that the run scored last.
import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { Recommendation, Rows, SessionAbout } from "../api/types";
import { page, useQuery } from "../links";

const MOST = 8;

export function matches(symbols: readonly string[], text: string): string[] {
  const wanted = text.trim().toUpperCase();
  if (!wanted) return [];
  const begins = symbols.filter((symbol) => symbol.toUpperCase().startsWith(wanted)).sort();
  const within = symbols.filter((symbol) => symbol.toUpperCase().indexOf(wanted) > 0).sort();
  return [...begins, ...within].slice(0, MOST);
}

export function SymbolSearch() {
  const { run } = useQuery();
  const { route } = useLocation();
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const [open, setOpen] = useState(false);
  const wanted = open ? api("/recommendations", { run, fields: "symbol,rank", limit: 10000 }) : null;
  const known = useResource<Rows<Pick<Recommendation, "symbol" | "rank">, SessionAbout>>(wanted);
  const found = matches(known.data?.items.map((row) => row.symbol) ?? [], text);
  const choose = (symbol: string) => {
    setText("");
    setOpen(false);
    (document.activeElement as HTMLElement | null)?.blur();
    route(page(`/symbols/${encodeURIComponent(symbol)}`, { run }));
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setPlace(Math.min(place + 1, found.length - 1));
    else if (event.key === "ArrowUp") setPlace(Math.max(place - 1, 0));
    else if (event.key === "Enter") {
      const symbol = found[place] ?? text.trim().toUpperCase();
      if (symbol) choose(symbol);
    } else return;
    event.preventDefault();
  };
  const shown = open && found.length > 0;
  return (
    <div class="find" role="search">
      <input
        id="symbol-search"
        type="search"
        role="combobox"
        placeholder="Symbol"
        aria-label="Find a symbol"
        aria-expanded={shown}
        aria-controls="symbol-list"
        aria-autocomplete="list"
        aria-activedescendant={shown ? `symbol-${place}` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={press}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setPlace(0);
        }}
      />
      <kbd aria-hidden="true">/</kbd>
      <ul id="symbol-list" role="listbox" aria-label="Symbols" hidden={!shown}>
        {found.map((symbol, i) => (
          <li
            key={symbol}
            id={`symbol-${i}`}
            role="option"
            aria-selected={i === place}
            onMouseDown={(event) => {
              event.preventDefault();
              choose(symbol);
            }}
          >
            {symbol}
          </li>
        ))}
      </ul>
    </div>
  );
}
