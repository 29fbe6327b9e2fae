/** Styles of the HTML report; inline, so that the file stands by itself. Contrast is at least 4.5 in both schemes. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f7f7f5;--card:#fff;--line:#e3e2dd;--text:#1d1e20;--soft:#63656b;
--good:#16713c;--warn:#8f5a00;--unsure:#7c3aa8;--bad:#b3261e;--accent:#1f5fa8;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#131417;--card:#1b1d21;--line:#2e3138;--text:#e8e8e6;--soft:#9da0a8;
--good:#5bc98a;--warn:#e3ad52;--unsure:#c79bf0;--bad:#f2857d;--accent:#82b5f0}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:980px;margin:0 auto;padding:40px 20px 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:13px;font-weight:600;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);margin:36px 0 10px}
h2 span{font-weight:400;letter-spacing:0;text-transform:none}
p{margin:0}
.soft,time{color:var(--soft)}
.origin{font-size:14px;overflow-wrap:anywhere}
.verdict{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 14px;margin-top:20px;padding:16px 20px;
background:var(--card);border:1px solid var(--line);border-left:5px solid currentColor;border-radius:8px}
.verdict strong{font-size:20px}
.verdict span{color:var(--soft);font-size:14px}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;margin-bottom:12px;overflow:hidden}
.entry{padding:14px 20px}
.entry+.entry{border-top:1px solid var(--line)}
.entry b{font-weight:600;margin-right:8px}
dl{display:grid;grid-template-columns:72px 1fr;gap:2px 12px;margin:6px 0 0;font-size:14px}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
summary,.step{display:grid;grid-template-columns:20px 1fr auto;gap:0 10px;align-items:baseline}
summary{padding:12px 20px;cursor:pointer;font-weight:600;list-style:none}
summary::-webkit-details-marker{display:none}
summary:focus-visible{outline:2px solid var(--accent);outline-offset:-3px}
details[open]>summary{border-bottom:1px solid var(--line)}
summary:last-child{border-bottom:0}
ol{list-style:none;margin:0;padding:8px 0}
.step{padding:4px 20px 4px 32px}
.name{overflow-wrap:anywhere;min-width:0}
.step p,summary p{grid-column:2/4;font-size:14px;font-weight:400;overflow-wrap:anywhere}
time{font-variant-numeric:tabular-nums;font-weight:400;font-size:14px;white-space:nowrap}
.sign{text-align:center;font-size:16px;line-height:1}
.finding{display:grid;grid-template-columns:64px minmax(140px,30%) 1fr;gap:0 14px;padding:7px 20px;font-size:14px}
.finding+.finding{border-top:1px solid var(--line)}
.finding span{overflow-wrap:anywhere;min-width:0}
.test{display:grid;grid-template-columns:minmax(180px,1fr) auto;gap:0 14px;padding:7px 20px;font-size:14px;border-top:1px solid var(--line)}
.test b{font-weight:600;overflow-wrap:anywhere}
.test span{grid-column:1/3;overflow-wrap:anywhere}
.summary{padding:14px 20px;font-size:14px;overflow-x:auto}
.summary>*{margin:0 0 10px}
.summary>:last-child{margin-bottom:0}
.summary :is(h3,h4,h5,h6){font-size:16px;line-height:1.3;margin:14px 0 6px}
.summary>:first-child{margin-top:0}
.summary :is(ul,ol){list-style:revert;padding:0 0 0 24px}
.summary li{margin:2px 0}
.summary li:has(>input){list-style:none;margin-left:-20px}
.summary li:has(>input)>:is(ul,ol){padding-left:44px}
.summary table{border-collapse:collapse;display:block;overflow-x:auto;max-width:100%}
.summary :is(th,td){border:1px solid var(--line);padding:4px 10px;text-align:left;vertical-align:top}
.summary [align=center]{text-align:center}.summary [align=right]{text-align:right}
.summary pre{background:var(--bg);border-radius:6px;padding:10px 12px;overflow-x:auto}
.summary pre,.summary pre code{font-family:var(--mono);font-size:13px;overflow-wrap:normal;white-space:pre}
.summary blockquote{border-left:3px solid var(--line);padding-left:12px;color:var(--soft);margin-left:0}
.summary details{margin:0 0 10px}
.summary summary{display:list-item;list-style:revert;padding:0}
.summary details[open]>summary{border:0}
.summary hr{border:0;border-top:1px solid var(--line)}
code{font-family:var(--mono);font-size:13px;overflow-wrap:anywhere}
a{color:var(--accent)}
.good{color:var(--good)}.warn{color:var(--warn)}.unsure{color:var(--unsure)}.bad{color:var(--bad)}.accent{color:var(--accent)}.dim{color:var(--soft)}
@media (max-width:560px){main{padding:24px 14px 48px}h1{font-size:22px}.entry,summary,.verdict,.test,.summary{padding-left:14px;padding-right:14px}
.step{padding:4px 14px 4px 18px}.finding{grid-template-columns:1fr;padding:10px 14px}}
@media print{body{background:#fff}main{max-width:none;padding:0}.card,.verdict{break-inside:avoid}}
`;
