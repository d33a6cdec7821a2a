/** The look of the page: one column on a phone, light or dark as the system says. */
export const PAGE_STYLE = `:root {
	color-scheme: light dark;
	--ground: #f4f6f5; --card: #ffffff; --line: #dfe5e3; --ink: #14201e; --quiet: #5b6b67;
	--accent: #0f766e; --good: #15803d; --warn: #b45309; --bad: #b91c1c;
	--good-ground: #e3f4e8; --warn-ground: #fdf0dc; --bad-ground: #fce6e6;
}
@media (prefers-color-scheme: dark) {
	:root {
		--ground: #0d1413; --card: #151e1c; --line: #26322f; --ink: #e6eeec; --quiet: #93a5a0;
		--accent: #2dd4bf; --good: #4ade80; --warn: #fbbf24; --bad: #f87171;
		--good-ground: #12301d; --warn-ground: #362708; --bad-ground: #3a1616;
	}
}
* { box-sizing: border-box; }
body {
	margin: 0 auto; max-width: 68rem; padding: 1.25rem; background: var(--ground); color: var(--ink);
	font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; -webkit-text-size-adjust: 100%;
}
h1, h2, h3, p, ul { margin: 0; padding: 0; }
h1 { font-size: 1.4rem; letter-spacing: -0.01em; }
h2 { font-size: 0.85rem; font-weight: 600; color: var(--quiet); }
a { color: var(--accent); }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 0.75rem; margin-bottom: 1.25rem; }
header .quiet { flex: 1 1 14rem; }
@media (min-width: 40rem) { header .quiet { text-align: right; } }
main { display: grid; gap: 1rem; }
footer { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; padding: 1.5rem 0.25rem 0.5rem; }
.quiet { color: var(--quiet); font-size: 0.875rem; overflow-wrap: anywhere; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.tiles { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 9.5rem), 1fr)); }
.tile, .card {
	min-width: 0; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1rem 1.15rem;
}
.card > h2 { margin-bottom: 0.6rem; display: flex; flex-wrap: wrap; justify-content: space-between; }
.number { font-size: clamp(1.3rem, 5.5vw, 1.9rem); font-weight: 650; line-height: 1.3; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.pair { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); align-items: start; }
.badge {
	display: inline-block; padding: 0.1rem 0.6rem; border-radius: 1rem; font-size: 0.8rem; font-weight: 600; white-space: nowrap;
	background: var(--line); color: var(--ink);
}
.badge.good { background: var(--good-ground); color: var(--good); }
.badge.warn { background: var(--warn-ground); color: var(--warn); }
.badge.bad { background: var(--bad-ground); color: var(--bad); }
.notice { padding: 0.75rem 1rem; border-radius: 0.75rem; background: var(--warn-ground); color: var(--warn); overflow-wrap: anywhere; }
.notice[hidden] { display: none; }
.rows { list-style: none; }
.rows li { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; align-items: baseline; padding: 0.6rem 0; border-top: 1px solid var(--line); }
.rows li:first-child { border-top: 0; padding-top: 0.1rem; }
.rows li:last-child { padding-bottom: 0; }
.rows .title { font-weight: 600; overflow-wrap: anywhere; }
.rows .title .badge { margin-left: 0.5rem; }
.rows .value { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.rows .quiet, .rows .fault { grid-column: 1 / -1; }
.fault { color: var(--warn); font-size: 0.875rem; overflow-wrap: anywhere; }
form { display: flex; gap: 0.5rem; }
input, button { font: inherit; border-radius: 0.5rem; padding: 0.55rem 0.8rem; min-width: 0; }
input { flex: 1; color: var(--ink); background: var(--ground); border: 1px solid var(--line); }
button { border: 0; padding-inline: 1.2rem; font-weight: 600; color: var(--card); background: var(--accent); cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#answer:not(:empty) { margin-top: 1rem; display: grid; gap: 0.6rem; }
#answer .verdict { font-weight: 600; overflow-wrap: anywhere; }
#answer .verdict .badge { margin-right: 0.6rem; }
#answer .verdict .quiet { font-weight: 400; margin-left: 0.6rem; }
#rate { display: block; width: 100%; height: 5rem; border-bottom: 1px solid var(--line); margin-bottom: 0.4rem; }
#rate path { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
#rate .all { stroke: var(--accent); }
#rate .stopped { stroke: var(--bad); }
.legend { font-weight: 400; }
.legend i { display: inline-block; width: 0.75rem; height: 0.2rem; border-radius: 0.1rem; margin: 0 0.3rem 0.2rem 0.6rem; }
.legend .all { background: var(--accent); }
.legend .stopped { background: var(--bad); }
`;
