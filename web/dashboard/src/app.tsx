// The frame around every page: navigation, search, the banner of simulated data, the state of the connection.
import { LocationProvider, Route, Router, useLocation } from "preact-iso";
import { useEffect, useState } from "preact/hooks";
import { live } from "./api/live";
import { useResource } from "./api/resource";
import type { Rows, Run } from "./api/types";
import { PAGES, startKeyboard } from "./keyboard";
import { page, useQuery } from "./links";
import { Data } from "./pages/data";
import { Factors } from "./pages/factors";
import { LogIn } from "./pages/log_in";
import { Models } from "./pages/models";
import { Portfolio } from "./pages/portfolio";
import { Research } from "./pages/research";
import { Symbols } from "./pages/symbol";
import { System } from "./pages/system";
import { Today } from "./pages/today";
import { Help } from "./parts/help";
import { Mark } from "./parts/mark";
import { RUNS } from "./parts/run_choice";
import { Empty, Loading } from "./parts/states";
import { SymbolSearch } from "./parts/symbol_search";
import { lostSince, me } from "./state/session";
import { theme, toggleTheme } from "./state/theme";

const SHAPES: Record<string, string> = {
  Today: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  Portfolio: "M4 20V10M10 20V4M16 20v-8M21 20H3",
  Symbols: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  Research: "M9 3h6M10 3v6L4.5 19a1.5 1.5 0 0 0 1.3 2h12.4a1.5 1.5 0 0 0 1.3-2L14 9V3",
  Factors: "M5 20V8M5 5v-.01M12 20v-6M12 11V4M19 20V12M19 9V4M2.5 8h5M9.5 14h5M16.5 12h5",
  Data: "M12 3c4.4 0 8 1.3 8 3s-3.6 3-8 3-8-1.3-8-3 3.6-3 8-3zM4 6v6c0 1.700 3.600 3 8 3s8-1.300 8-3V6M4 12v6c0 1.700 3.600 3 8 3s8-1.300 8-3v-6",
  Models: "M12 3l9 5-9 5-9-5zM3 12.5l9 5 9-5M3 16.5l9 5 9-5",
  System: "M4 6h10M18 6h2M4 12h2M10 12h10M4 18h8M16 18h4M14 4v4M8 10v4M14 16v4",
};

function isHere(path: string, at: string): boolean {
  return at === "/" ? path === "/" : path === at || path.startsWith(`${at}/`);
}

function Navigation() {
  const { path } = useLocation();
  const { run } = useQuery();
  return (
    <nav aria-label="Pages">
      {PAGES.map((one) => (
        <a key={one.path} href={page(one.path, { run })} aria-current={isHere(path, one.path) ? "page" : undefined} title={`g ${one.key}`}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d={SHAPES[one.name]} /></svg>
          <span>{one.name}</span>
        </a>
      ))}
    </nav>
  );
}

function Lost() {
  const since = lostSince.value;
  if (!since) return null;
  return (
    <p class="lost" role="status">
      The server has not answered since {since.toTimeString().slice(0, 5)}. What you see is what it said before; trying again.
    </p>
  );
}

/** Every page that shows a simulated run says so. */
function Banner() {
  const { run } = useQuery();
  const runs = useResource<Rows<Run>>(RUNS).data?.items ?? [];
  const shown = runs.find((one) => (run ? one.run === run : one.preferred === "yes"));
  return shown?.banner ? <p class="banner" role="note"><b>{shown.run}</b> {shown.banner}</p> : null;
}

function Nowhere() {
  return <Empty title="There is no such page"><a href="/">Today</a></Empty>;
}

function Title() {
  const { path } = useLocation();
  const symbol = /^\/symbols\/(.+)$/.exec(path)?.[1];
  const here = symbol ? decodeURIComponent(symbol) : PAGES.find((one) => isHere(path, one.path))?.name;
  useEffect(() => {
    document.title = here ? `${here} · Orrery` : "Orrery";
  }, [here]);
  return null;
}

function Frame() {
  const { route } = useLocation();
  const { run } = useQuery();
  const [help, setHelp] = useState(false);
  useEffect(() => startKeyboard({ go: (path) => route(page(path, { run })), help: () => setHelp(true) }), [route, run]);
  return (
    <>
      <a class="skip" href="#main">To the page</a>
      <header class="bar">
        <a class="brand" href={page("/", { run })}><Mark /><span>Orrery</span></a>
        <Navigation />
        <SymbolSearch />
        {live.value && <span class="live" role="img" aria-label="Live" title="Live: what changes shows by itself" />}
        <button type="button" class="icon" aria-label="Keys" title="Keys (?)" onClick={() => setHelp(true)}>?</button>
        <button type="button" class="icon" id="theme-toggle" aria-label={theme.value === "dark" ? "Light colours" : "Dark colours"} title={theme.value === "dark" ? "Light" : "Dark"} onClick={toggleTheme}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="8" /><path d="M12 4a8 8 0 0 1 0 16z" class="full" /></svg>
        </button>
      </header>
      <Lost />
      <main id="main" tabIndex={-1}>
        <Banner />
        <Router>
          <Route path="/" component={Today} />
          <Route path="/portfolio" component={Portfolio} />
          <Route path="/symbols" component={Symbols} />
          <Route path="/symbols/:symbol" component={Symbols} />
          <Route path="/research" component={Research} />
          <Route path="/factors" component={Factors} />
          <Route path="/models" component={Models} />
          <Route path="/data" component={Data} />
          <Route path="/system" component={System} />
          <Route default component={Nowhere} />
        </Router>
      </main>
      {help && <Help onClose={() => setHelp(false)} />}
      <Title />
    </>
  );
}

export function App() {
  const who = me.value;
  if (who) return <LocationProvider><Frame /></LocationProvider>;
  if (who === null) return <LogIn />;
  return <main>{lostSince.value ? <Empty title="The server does not answer">Trying again every few seconds.</Empty> : <Loading />}</main>;
}
