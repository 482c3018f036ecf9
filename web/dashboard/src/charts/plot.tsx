// A chart by ECharts: drawn again when what it shows or the theme changes.
import type { EChartsCoreOption } from "echarts/core";
import { useEffect, useRef } from "preact/hooks";
import { theme } from "../state/theme";
import { colours, FONT, type Colours } from "./colours";

export type Option = EChartsCoreOption;

export function Plot({ label, option, height = 260 }: { label: string; option: (colours: Colours) => Option; height?: number }) {
  const box = useRef<HTMLDivElement>(null);
  const now = theme.value;
  useEffect(() => {
    let stop = () => {};
    let gone = false;
    void import("./echarts").then(({ init }) => {
      if (gone || !box.current) return;
      const chart = init(box.current);
      chart.setOption(option(colours()));
      const watch = new ResizeObserver(() => chart.resize());
      watch.observe(box.current);
      stop = () => {
        watch.disconnect();
        chart.dispose();
      };
    });
    return () => {
      gone = true;
      stop();
    };
  }, [option, now]);
  return <div ref={box} class="chart" style={{ height: `${height}px` }} role="img" aria-label={label} data-chart={label} />;
}

/** What all charts share. */
export function base(c: Colours): Option {
  return {
    animation: false,
    textStyle: { fontFamily: FONT, fontSize: 12, color: c["ink-soft"] },
    grid: { left: 4, right: 8, top: 34, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 16, itemHeight: 4, icon: "rect", selectedMode: false, textStyle: { color: c.ink, fontSize: 12 } },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: c.panel,
      borderColor: c.line,
      textStyle: { color: c.ink, fontSize: 12, fontFamily: FONT },
    },
  };
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function dateAxis(c: Colours, dates: string[]): object {
  return {
    type: "category",
    data: dates,
    axisLine: { lineStyle: { color: c.line }, onZero: false },
    axisTick: { show: false },
    axisLabel: {
      color: c["ink-soft"],
      fontSize: 11,
      hideOverlap: true,
      formatter: (date: string) => `${Number(date.slice(8, 10))} ${months[Number(date.slice(5, 7)) - 1]} ${date.slice(0, 4)}`,
    },
  };
}

export function valueAxis(c: Colours, formatter: (value: number) => string, extra: object = {}): object {
  return {
    type: "value",
    splitNumber: 4,
    axisLabel: { color: c["ink-soft"], fontSize: 11, formatter },
    splitLine: { lineStyle: { color: c.grid } },
    ...extra,
  };
}
