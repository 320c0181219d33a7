"""The style of a page: light and dark by what the reader prefers, one column, the same on paper."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--page:#fff;--card:#f6f8fa;--edge:#d0d7de;--yes:#1a7f5a;--no:#a8b1bb;
--odd:#b35900;--old:#6e7781;--new:#0b63ce;--bad:#c22f3d}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;--page:#0f1419;--card:#182028;--edge:#34404c;--yes:#3fb98a;
--no:#566270;--odd:#e39a3b;--old:#8b96a1;--new:#58a6ff;--bad:#f2727d}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{margin:.25rem 0}
.soft,figcaption{color:var(--soft)}
pre{background:var(--card);border:1px solid var(--edge);border-radius:6px;padding:.75rem;white-space:pre-wrap;
overflow-wrap:anywhere;
font:14px/1.5 ui-monospace,Menlo,Consolas,monospace}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1rem 0}
.card{background:var(--card);border:1px solid var(--edge);border-left-width:6px;border-radius:6px;padding:.6rem .75rem}
.card b{display:block;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums}
.card.yes{border-left-color:var(--yes)}.card.odd{border-left-color:var(--odd)}.card.no{border-left-color:var(--no)}
.card.new{border-left-color:var(--new)}.card.bad{border-left-color:var(--bad)}
figure{margin:.75rem 0 1.5rem}
figcaption{margin-bottom:.5rem}
.keys{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;font-size:.9rem;margin-bottom:.5rem}
.key{display:inline-flex;align-items:center;gap:.4rem}
.chart{display:block;overflow:visible;font:13px system-ui,sans-serif}
.chart .tick{fill:var(--soft)}
.row{display:flex;justify-content:space-between;gap:.75rem;line-height:19px;white-space:nowrap}
.row .label{overflow:hidden;text-overflow:ellipsis}.row .amount{color:var(--soft);font-variant-numeric:tabular-nums}
.chart .tick{paint-order:stroke;stroke:var(--page);stroke-width:3px}
.track{fill:var(--card);stroke:var(--edge);stroke-width:.5}
.yes{fill:var(--yes)}.no{fill:var(--no)}.odd{fill:url(#stripes)}.old{fill:url(#dots)}.new{fill:var(--new)}.bad{fill:var(--bad)}
.mark-odd{stroke:var(--odd);stroke-width:5}.back-odd{fill:var(--card)}.mark-old{fill:var(--old)}.back-old{fill:var(--card)}
.line{fill:none;stroke:var(--yes);stroke-width:2.5}.area{fill:var(--yes);opacity:.15}
.grid{stroke:var(--edge);stroke-width:1}.now{stroke:var(--odd);stroke-width:2;stroke-dasharray:5 4}
details{margin-top:.5rem}summary{cursor:pointer;color:var(--soft);font-size:.9rem}
.scroll{overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;font-size:.9rem;width:100%}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--edge);text-align:right;font-variant-numeric:tabular-nums}
th:first-child,td.text,th.text{text-align:left}
th[scope=row]{font-weight:500;overflow-wrap:anywhere;min-width:8rem}
thead th{color:var(--soft);font-weight:600;white-space:nowrap}
ul.ids{list-style:none;padding:0;margin:.25rem 0;display:flex;flex-wrap:wrap;gap:.35rem}
ul.ids li{background:var(--card);border:1px solid var(--edge);border-radius:4px;padding:.05rem .45rem;overflow-wrap:anywhere;
font:13px/1.6 ui-monospace,Menlo,Consolas,monospace}
h3{font-size:1rem;margin:1rem 0 .25rem}
footer{margin-top:2.5rem;padding-top:.75rem;border-top:1px solid var(--edge);color:var(--soft);font-size:.85rem}
@media(max-width:30rem){th,td{padding:.3rem .35rem}th[scope=row]{min-width:5rem}}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--page:#fff;--card:#f4f4f4;--edge:#bbb}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}
figure,.card{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:visible}
details::details-content{content-visibility:visible;display:block;height:auto}summary{display:none}}
"""
"""The style sheet; it names nothing outside the page."""
