/** The page that people look at. Everything it shows is fetched by page.js from the API and put in as text. */

export const PAGE_ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#0f766e" d="M16 2 4 6.5v8.3c0 7.2 5 12.7 12 15.2 7-2.5 12-8 12-15.2V6.5z"/><path fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" d="M10 16h12"/></svg>\n`;

export const PAGE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Cordon</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
</head>
<body>
<header>
	<img src="/icon.svg" alt="" width="32" height="32">
	<h1>Cordon</h1>
	<p id="state" class="badge" role="status">connecting</p>
	<p id="about" class="quiet"></p>
</header>
<main>
	<p id="notice" class="notice" role="alert" hidden></p>
	<section aria-label="Overview" class="tiles">
		<div class="tile"><h2>Domains blocked</h2><p id="domains" class="number">–</p><p id="domains-note" class="quiet"></p></div>
		<div class="tile"><h2>Queries</h2><p id="queries" class="number">–</p><p id="queries-note" class="quiet"></p></div>
		<div class="tile"><h2>Of them blocked</h2><p id="blocked" class="number">–</p><p id="blocked-note" class="quiet"></p></div>
		<div class="tile"><h2>Cache hits</h2><p id="cache" class="number">–</p><p id="cache-note" class="quiet"></p></div>
	</section>
	<section class="card" aria-labelledby="rate-title">
		<h2 id="rate-title">Queries a second <span class="legend"><i class="all"></i>all <i class="stopped"></i>blocked</span></h2>
		<svg id="rate" viewBox="0 0 600 80" preserveAspectRatio="none" role="img" aria-label="Queries and blocked queries a second since the page was opened">
			<path id="rate-all" class="all"></path><path id="rate-blocked" class="stopped"></path>
		</svg>
		<p id="rate-note" class="quiet">measured while this page is open</p>
	</section>
	<section class="card" aria-labelledby="ask-title">
		<h2 id="ask-title">Is a name blocked?</h2>
		<form id="ask" action="/api/v1/explain" method="get">
			<label class="hidden" for="name">Domain name</label>
			<input id="name" name="name" placeholder="example.org" autocomplete="off" autocapitalize="none" spellcheck="false" inputmode="url" maxlength="300" required>
			<button>Check</button>
		</form>
		<div id="answer" aria-live="polite"></div>
	</section>
	<section class="card" aria-labelledby="lists-title">
		<h2 id="lists-title">Lists</h2>
		<ul id="lists" class="rows"></ul>
	</section>
	<div class="pair">
		<section class="card" aria-labelledby="upstreams-title">
			<h2 id="upstreams-title">Upstreams</h2>
			<ul id="upstreams" class="rows"></ul>
		</section>
		<section class="card" aria-labelledby="workers-title">
			<h2 id="workers-title">Workers</h2>
			<ul id="workers" class="rows"></ul>
		</section>
	</div>
</main>
<footer class="quiet"><a href="/metrics">metrics</a> <a href="/api/v1/status">status</a> <a href="/api/v1/summary">summary</a> <a href="/readyz">readiness</a></footer>
<noscript><p class="notice">This page needs JavaScript to show live numbers. The links above work without it.</p></noscript>
</body>
</html>
`;
