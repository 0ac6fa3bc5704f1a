"""How an exported page looks: light, dark and on paper, from 400 pixels on."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --text: #1b2430; --dim: #5a6675; --line: #d4dae2; --soft: #f3f5f8;
  --accent: #1f5fbf; --alert: #c62f3b; --good: #2f7a34; --amber: #8a5a00; --mark: #fff1c9; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0e1218; --text: #d5dbe5; --dim: #93a0b2; --line: #2f3947; --soft: #161d28;
    --accent: #82aaff; --alert: #ff757f; --good: #9bd06e; --amber: #e5b567; --mark: #463810; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.02rem; margin: 1.4rem 0 .4rem; }
p, ul, ol { margin: .5rem 0; max-width: 48rem; }
li { margin: .25rem 0; }
a { color: var(--accent); }
mark { background: var(--mark); color: inherit; padding: 0 .2em; border-radius: 3px; font-weight: 600; }
code, pre { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { background: var(--soft); padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 5px; padding: .7rem .8rem; margin: .5rem 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { background: none; padding: 0; }
.table { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 600; white-space: nowrap; }
td:first-child { min-width: 4.6rem; font-variant-numeric: tabular-nums; }
.three td:first-child { white-space: nowrap; }
blockquote { margin: .6rem 0; padding-left: .9rem; border-left: 3px solid var(--line); color: var(--dim); }
details { margin: .6rem 0; } summary { cursor: pointer; color: var(--dim); }
figure { margin: 1rem 0 1.4rem; } figcaption { color: var(--dim); font-size: .88rem; }
figcaption ol { list-style: none; padding: 0; max-width: none; columns: 26rem 2; column-gap: 2rem; }
figcaption li { overflow-wrap: anywhere; break-inside: avoid; margin: .1rem 0; } figcaption b { color: var(--text); }
.drill { background: var(--mark); border: 1px solid var(--amber); border-radius: 5px; padding: .5rem .8rem;
  font-weight: 600; max-width: none; }
body.drill { background: var(--ground); border: 0; border-top: 6px solid var(--amber); border-radius: 0; padding: 0;
  font-weight: 400; }
svg.chart { display: block; width: 100%; height: auto; } svg.narrow { display: none; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
svg .name { font-weight: 600; } svg .small, svg .number { fill: var(--dim); font-size: 11px; }
svg .mark { fill: var(--accent); font-size: 11.5px; font-weight: 600; }
svg .at { stroke: var(--accent); stroke-dasharray: 2 3; opacity: .75; }
svg .axis, svg .base { stroke: var(--line); } svg .limit { stroke: var(--amber); stroke-dasharray: 5 4; }
svg .curve { fill: none; stroke: var(--text); stroke-width: 1.6; stroke-linejoin: round; }
svg .dot { fill: var(--text); }
svg .alert { fill: var(--alert); opacity: .85; }
svg .alert.open { stroke: var(--alert); stroke-dasharray: 4 3; opacity: .55; }
svg .change { fill: var(--amber); } svg .command { fill: var(--good); stroke: var(--good); }
svg .command.reads { fill: none; }
svg .command.unknown { fill: none; stroke: var(--amber); stroke-dasharray: 3 2; }
svg .command.bad { fill: none; stroke: var(--alert); stroke-width: 2.5; }
@media (max-width: 640px) {
  main { padding: 1rem .9rem 3rem; } body { font-size: 15px; } h1 { font-size: 1.3rem; }
  svg.wide { display: none; } svg.narrow { display: block; }
  th, td { padding: .3rem .35rem; } .three thead { display: none; }
  .three tr { display: block; border-bottom: 1px solid var(--line); padding: .35rem 0; }
  .three td { display: block; border: 0; padding: .05rem 0; overflow-wrap: anywhere; }
  .three td:empty { display: none; }
  .three td:first-child { color: var(--dim); font-weight: 600; white-space: normal; }
  .three td:last-child { color: var(--dim); } }
@media print {
  :root { color-scheme: light; --ground: #ffffff; --text: #000000; --dim: #444444; --line: #bbbbbb; --soft: #f4f4f4;
    --accent: #1f5fbf; --alert: #c62f3b; --good: #2f7a34; --amber: #8a5a00; --mark: #fff1c9; }
  main { max-width: none; padding: 0; } body { font-size: 10.5pt; }
  svg.wide { display: block; } svg.narrow { display: none; }
  h2, h3 { break-after: avoid; } tr, figure, pre { break-inside: avoid; }
  a[href^="http"]::after { content: " (" attr(href) ")"; font-size: .85em; overflow-wrap: anywhere; } }
"""
