/** Of the report: two colours that differ for every eye, in light and dark. */
export const stylesheet = `
:root {
  --page: #ffffff; --ink: #1c1f24; --soft: #5b6470; --line: #d9dde3; --card: #f5f6f8;
  --to-agent: #1d5fd1; --to-customer: #b4510a; --mark: #8b1e5b; --good: #14713a; --bad: #b3121d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --ink: #e8eaed; --soft: #a0a8b3; --line: #343a42; --card: #1f242a;
    --to-agent: #79a9ff; --to-customer: #ff9c57; --mark: #f08ac3; --good: #5fd08a; --bad: #ff7b7f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 4px 0 8px; }
h2 { font-size: 18px; margin: 0; }
section > h2 { margin-bottom: 8px; }
header p { margin: 0; color: var(--soft); }
header .verdict { font-weight: 700; text-transform: uppercase; letter-spacing: .06em; font-size: 14px; }
.verdict.good, .cards .good dd { color: var(--good); }
.verdict.bad, .cards .bad dd { color: var(--bad); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 12px; margin: 24px 0 32px; }
.cards div { background: var(--card); border-radius: 8px; padding: 12px 16px; }
dt { color: var(--soft); font-size: 14px; }
dd { margin: 0; font-size: 24px; font-weight: 600; font-variant-numeric: tabular-nums; }
section, figure { margin: 0 0 36px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
section .scroll table { width: 100%; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); text-align: right; font-weight: 400; white-space: nowrap; }
th[scope=row] { text-align: left; }
th[scope=col] { color: var(--soft); font-size: 14px; }
.note { color: var(--soft); font-size: 14px; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 4px 24px; }
.legend { display: flex; gap: 20px; list-style: none; margin: 0; padding: 0; font-size: 14px; }
.legend svg { margin-right: 6px; }
figure > svg { display: block; width: 100%; height: auto; margin-top: 8px; }
svg text { fill: var(--soft); font: 13px system-ui, sans-serif; }
svg .grid { stroke: var(--line); }
svg .axis { stroke: var(--soft); }
svg .mark { stroke: var(--mark); stroke-dasharray: 3 4; }
svg .unmeasured { fill: var(--card); }
svg .cut, .legend .cut { stroke: var(--mark); stroke-width: 1.5; }
svg .mark-number { fill: var(--mark); font-size: 12px; }
.line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
.dot { fill: currentColor; }
.area { fill: currentColor; opacity: .12; }
.toAgent { color: var(--to-agent); }
.toCustomer { color: var(--to-customer); }
.p99Ms { stroke-width: 2; }
.p50Ms { stroke-dasharray: 6 4; }
.marks { columns: 2; margin: 0; padding-left: 32px; }
.marks li::marker { color: var(--mark); }
`;
