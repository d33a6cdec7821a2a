/** The page that shows the API's document to people; docs.js fetches it and puts all of it in as text. */
export const DOCS_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Cordon: the API</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<link rel="stylesheet" href="/api/docs.css">
<script src="/api/docs.js" defer></script>
</head>
<body>
<header>
	<img src="/icon.svg" alt="" width="32" height="32">
	<h1>Cordon: the API</h1>
	<p id="about" class="quiet"></p>
</header>
<main>
	<p id="notice" class="notice" role="alert" hidden></p>
	<nav id="contents" class="card" aria-label="Contents"></nav>
	<div id="operations"></div>
	<section class="card" aria-labelledby="schemas-title">
		<h2 id="schemas-title">Schemas</h2>
		<div id="schemas"></div>
	</section>
</main>
<footer class="quiet"><a href="/">overview</a> <a href="/api/v1/openapi.json">this document as JSON (OpenAPI 3.1)</a></footer>
<noscript><p class="notice">This page needs JavaScript to lay the document out. The link above works without it.</p></noscript>
</body>
</html>
`;

export const DOCS_STYLE = `#operations, #operations section, #schemas { display: grid; gap: 1rem; min-width: 0; }
#operations h2 { font-size: 1.1rem; color: var(--ink); margin-top: 0.5rem; }
#contents { display: flex; flex-wrap: wrap; gap: 0.3rem 1.25rem; }
.operation h3, .schema h3 { font-size: 1rem; overflow-wrap: anywhere; }
.operation h3 .badge { margin-right: 0.6rem; }
.operation, .schema { display: grid; gap: 0.5rem; }
.schema + .schema { border-top: 1px solid var(--line); padding-top: 1rem; }
h4 { margin: 0.4rem 0 0; font-size: 0.85rem; color: var(--quiet); }
dl { margin: 0; display: grid; gap: 0.15rem 1rem; grid-template-columns: minmax(8rem, max-content) 1fr; }
dt { font-family: ui-monospace, monospace; font-size: 0.875rem; overflow-wrap: anywhere; }
dd { margin: 0; font-size: 0.875rem; overflow-wrap: anywhere; }
pre { margin: 0; padding: 0.75rem; border-radius: 0.5rem; background: var(--ground); overflow-x: auto; font-size: 0.85rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.4rem; } }
`;
