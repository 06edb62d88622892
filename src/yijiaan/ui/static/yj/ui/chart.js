// A line chart with the colours of the page. The numbers stand in a table beside it too; this is only their picture.
import { init } from "../../vendor/echarts/echarts.js";
import { token } from "./map.js";

export function drawLines(element, days, series) {
  const chart = init(element, null, { renderer: "canvas" });
  const quiet = { color: token("--ink-3"), fontSize: 11 };
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: token("--font") },
    color: [token("--c1"), token("--c2"), token("--c3"), token("--c4")],
    grid: { left: 36, right: 16, top: 12, bottom: 24 },
    // the markup mode of tooltips sets styles that the security policy refuses
    tooltip: { trigger: "axis", confine: true, renderMode: "richText" },
    xAxis: { type: "category", data: days, boundaryGap: false, axisLine: { lineStyle: { color: token("--line-2") } }, axisTick: { show: false }, axisLabel: quiet },
    yAxis: { type: "value", minInterval: 1, splitNumber: 3, splitLine: { lineStyle: { color: token("--line") } }, axisLabel: quiet },
    series: series.map(({ name, values }, place) => ({ name, type: "line", data: values, symbol: "none", lineStyle: { width: 2 }, areaStyle: place ? undefined : { opacity: 0.1 } })),
  });
  addEventListener("resize", () => chart.resize());
  return chart;
}
