#include "report/style.h"

namespace erawise {

std::string_view report_style() {
    return R"css(
:root { color-scheme: light dark;
  --page: #f6f5f1; --card: #ffffff; --edge: #e6e3db; --ink: #22282b; --soft: #6c7377;
  --main: #2b7a78; --wash: #2b7a7822; --busy: #9cc3bf; --cap: #b2552f; --good: #2f7d4f;
  --bad: #b23a36; --on-main: #ffffff; }
@media (prefers-color-scheme: dark) { :root {
  --page: #14181a; --card: #1c2225; --edge: #2b3336; --ink: #e4e8e7; --soft: #93a0a1;
  --main: #5fb3ab; --wash: #5fb3ab26; --busy: #356f6b; --cap: #dd8a5e; --good: #74c094;
  --bad: #ec8079; --on-main: #10201f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  -webkit-text-size-adjust: 100%; }
main { max-width: 1000px; margin: 0 auto; padding: 40px 24px 56px; }
header { margin-bottom: 28px; }
.kicker { margin: 0; color: var(--main); font-weight: 600; letter-spacing: .04em; }
h1 { margin: 4px 0 6px; font-size: 34px; line-height: 1.2; font-weight: 650;
  letter-spacing: -.015em; text-wrap: balance; overflow-wrap: anywhere; }
h2 { margin: 0 0 4px; font-size: 17px; font-weight: 600; }
h3 { margin: 0; font-size: 15px; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 0; }
.soft { color: var(--soft); fill: var(--soft); }
.note { color: var(--soft); margin-bottom: 18px; max-width: 66ch; }
section, .tile, .trouble { background: var(--card); border: 1px solid var(--edge);
  border-radius: 14px; }
section { padding: 22px 24px; margin-top: 18px; }
.tiles { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); }
.tile { padding: 14px 18px; }
.tile dt { color: var(--soft); font-size: 13px; }
.tile dd { margin: 0; font-size: 22px; font-weight: 600; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.tile dd + dd { font-size: 13px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.trouble { border-left: 4px solid var(--bad); padding: 18px 22px; margin-bottom: 18px; }
.trouble p { overflow-wrap: anywhere; }
.trouble .message { font: 13.5px/1.6 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.trouble .remedy { margin-top: 10px; }
.chart { display: block; overflow: visible; margin-top: 10px; }
.chart text { font-size: 12.5px; fill: var(--ink); }
.chart .tick { fill: var(--soft); font-size: 11.5px; }
.chart .soft { fill: var(--soft); }
.area { fill: var(--wash); }
.line { fill: none; stroke: var(--main); stroke-width: 1.75; stroke-linejoin: round; }
.grid { stroke: var(--edge); }
.axis { stroke: var(--soft); stroke-opacity: .45; }
.guide { stroke: var(--edge); stroke-dasharray: 2 4; }
.cap { stroke: var(--cap); stroke-width: 1.5; stroke-dasharray: 7 5; }
.chart .cap-name { fill: var(--cap); font-weight: 600; }
.peak { fill: var(--main); stroke: var(--card); stroke-width: 2; }
.chart .peak-name { fill: var(--main); font-weight: 600; paint-order: stroke;
  stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.stage { fill: var(--main); }
.busy { fill: var(--busy); }
.chart .busy-name { fill: var(--soft); font-size: 11.5px; }
.wait { fill: none; stroke: var(--soft); stroke-dasharray: 4 4; }
.chart .inside, .chart .inside .soft { fill: var(--on-main); }
.column { fill: var(--busy); }
.mean { stroke: var(--main); stroke-dasharray: 3 4; }
.models { display: grid; gap: 26px 32px;
  grid-template-columns: repeat(auto-fit, minmax(250px, 1fr)); }
.score + .score { margin-top: 26px; }
.ends { display: flex; justify-content: space-between; gap: 10px; margin-top: 5px;
  color: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.sent { list-style: none; margin: 14px 0 0; padding: 0; }
.sent li { display: grid; grid-template-columns: 1fr auto; gap: 0 16px; padding: 12px 0;
  border-top: 1px solid var(--edge); }
.sent code { grid-column: 1 / -1; color: var(--soft); font-size: 12.5px;
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.sent .hash { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.sent .why { grid-column: 1 / -1; overflow-wrap: anywhere; font-size: 14px; }
.good { color: var(--good); } .bad { color: var(--bad); }
.status { font-weight: 600; font-size: 14px; }
.plan { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.plan td { padding: 5px 0; font-size: 14px; }
.plan td:nth-child(2) { width: 45%; padding: 0 16px; }
.plan td:last-child { text-align: right; white-space: nowrap; }
.plan svg { display: block; }
footer { margin-top: 26px; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
@media (max-width: 560px) {
  main { padding: 26px 14px 36px; }
  h1 { font-size: 26px; }
  section { padding: 18px 16px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 10px; }
  .tile { padding: 12px 14px; }
  .tile:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .tile dd { font-size: 19px; }
}
@media print { body { background: none; } section, .tile { break-inside: avoid; } }
)css";
}

}  // namespace erawise
