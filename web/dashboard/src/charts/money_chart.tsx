// Lines over sessions that are zoomed and read off under the pointer: equity, growth, exposure.
import type { IChartApi } from "lightweight-charts";
import { useEffect, useRef, useState } from "preact/hooks";
import { day } from "../format";
import { theme } from "../state/theme";
import { colours, FONT, pale, type Colours } from "./colours";

export interface Line {
  name: string;
  colour: keyof Colours;
  points: { time: string; value: number }[];
  area?: boolean;
}

type Library = typeof import("lightweight-charts");

function draw(library: Library, box: HTMLElement, lines: Line[], format: (value: number) => string, level: number | undefined, attribution: boolean): IChartApi {
  const c = colours();
  const chart = library.createChart(box, {
    autoSize: true,
    layout: { background: { color: "transparent" }, textColor: c["ink-soft"], fontFamily: FONT, fontSize: 11, attributionLogo: attribution },
    grid: { vertLines: { visible: false }, horzLines: { color: c.grid } },
    rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.08, bottom: 0.06 } },
    timeScale: { borderColor: c.line, fixLeftEdge: true, fixRightEdge: true },
    crosshair: { vertLine: { color: c["ink-soft"], labelVisible: false }, horzLine: { color: c["ink-soft"] } },
    localization: { priceFormatter: format, locale: "en-GB" },
    handleScroll: { vertTouchDrag: false },
  });
  for (const line of lines) {
    const colour = c[line.colour];
    const shared = { lineWidth: 2 as const, priceLineVisible: false, lastValueVisible: lines.length === 1, title: "" };
    const series = line.area
      ? chart.addSeries(library.AreaSeries, { ...shared, lineColor: colour, topColor: pale(colour, 0.22), bottomColor: pale(colour, 0.02) })
      : chart.addSeries(library.LineSeries, { ...shared, color: colour });
    series.setData(line.points);
    if (level !== undefined && line === lines[0]) {
      series.createPriceLine({ price: level, color: c["ink-soft"], lineWidth: 1, lineStyle: library.LineStyle.Dashed, axisLabelVisible: false, title: "" });
    }
  }
  chart.timeScale().fitContent();
  return chart;
}

export function MoneyChart({
  label,
  lines,
  format,
  level,
  height = 280,
  attribution = true,
}: {
  /** What is seen, for those who hear the page. */
  label: string;
  lines: Line[];
  format: (value: number) => string;
  /** A value to hold the first line against. */
  level?: number;
  height?: number;
  /** The library asks to be named once on a page. */
  attribution?: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [reading, setReading] = useState<string[] | null>(null);
  const now = theme.value;
  useEffect(() => {
    let chart: IChartApi | undefined;
    let gone = false;
    void import("lightweight-charts").then((library) => {
      if (gone || !box.current) return;
      chart = draw(library, box.current, lines, format, level, attribution);
      chart.subscribeCrosshairMove((at) => {
        if (!at.time || at.logical === undefined) return setReading(null);
        const time = String(at.time);
        const values = lines.map((line) => line.points.find((point) => point.time === time)?.value);
        setReading([day(time), ...values.map((value) => (value === undefined ? "–" : format(value)))]);
      });
    });
    return () => {
      gone = true;
      chart?.remove();
    };
  }, [lines, now]);
  return (
    <>
      <div class="keys">
        {lines.map((line, i) => (
          <span key={line.name}>
            <i style={{ background: `var(--${line.colour})` }} />
            {line.name}
            {reading && <b> {reading[i + 1]}</b>}
          </span>
        ))}
        {reading && <span class="soft">{reading[0]}</span>}
      </div>
      <div ref={box} class="chart" style={{ height: `${height}px` }} role="group" aria-label={label} data-chart={label} />
    </>
  );
}
