// A name's bars with what was traded on them.
import type { IChartApi } from "lightweight-charts";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Bar, Trade } from "../api/types";
import { day, money, number, whole } from "../format";
import { theme } from "../state/theme";
import { colours, FONT, pale } from "./colours";
import { marksOf } from "./marks";

type Library = typeof import("lightweight-charts");

/** Bars without all four prices are not drawn. */
const drawable = (bar: Bar): bar is Bar & { open: number; high: number; low: number; close: number } =>
  bar.open !== null && bar.high !== null && bar.low !== null && bar.close !== null;

function draw(library: Library, box: HTMLElement, bars: readonly Bar[], trades: readonly Trade[]): IChartApi {
  const c = colours();
  const chart = library.createChart(box, {
    autoSize: true,
    layout: { background: { color: "transparent" }, textColor: c["ink-soft"], fontFamily: FONT, fontSize: 11 },
    grid: { vertLines: { visible: false }, horzLines: { color: c.grid } },
    rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.06, bottom: 0.24 } },
    timeScale: { borderColor: c.line, fixLeftEdge: true, fixRightEdge: true },
    crosshair: { vertLine: { color: c["ink-soft"], labelVisible: false }, horzLine: { color: c["ink-soft"] } },
    localization: { locale: "en-GB" },
    handleScroll: { vertTouchDrag: false },
  });
  const candles = chart.addSeries(library.CandlestickSeries, {
    upColor: c.gain,
    downColor: c.loss,
    borderVisible: false,
    wickUpColor: c.gain,
    wickDownColor: c.loss,
    priceLineVisible: false,
  });
  candles.setData(bars.filter(drawable).map((bar) => ({ time: bar.date, open: bar.open, high: bar.high, low: bar.low, close: bar.close })));
  const volume = chart.addSeries(library.HistogramSeries, { priceScaleId: "volume", priceLineVisible: false, lastValueVisible: false });
  chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  volume.setData(
    bars.map((bar) => ({ time: bar.date, value: bar.volume ?? 0, color: pale((bar.close ?? 0) < (bar.open ?? 0) ? c.loss : c.gain, 0.35) })),
  );
  library.createSeriesMarkers(candles, marksOf(trades, bars, c));
  chart.timeScale().fitContent();
  return chart;
}

const told = (bar: Bar) =>
  `open ${number(bar.open)}, high ${number(bar.high)}, low ${number(bar.low)}, close ${number(bar.close)}, volume ${money(bar.volume)}`;

export function Candles({ label, bars, trades, height = 320 }: { label: string; bars: readonly Bar[]; trades: readonly Trade[]; height?: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [read, setRead] = useState<Bar | null>(null);
  const now = theme.value;
  useEffect(() => {
    let chart: IChartApi | undefined;
    let gone = false;
    const byDate = new Map(bars.map((bar) => [bar.date, bar]));
    void import("lightweight-charts").then((library) => {
      if (gone || !box.current) return;
      chart = draw(library, box.current, bars, trades);
      chart.subscribeCrosshairMove((at) => setRead((at.time && byDate.get(String(at.time))) || null));
    });
    return () => {
      gone = true;
      chart?.remove();
    };
  }, [bars, trades, now]);
  const shown = read ?? bars[bars.length - 1];
  return (
    <>
      <p class="keys">
        {shown && <span><b>{day(shown.date)}</b> {told(shown)}</span>}
        {trades.length > 0 && <span class="soft">{whole(trades.length)} trades: ▲ bought, ▼ sold</span>}
      </p>
      <div ref={box} class="chart" style={{ height: `${height}px` }} role="group" aria-label={label} data-chart={label} />
    </>
  );
}
