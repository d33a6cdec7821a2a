/** What moves the page. Data is only ever set as text, so that no name or message can become markup. */
import { ELEMENT_SCRIPT } from "./element-script.ts";

export const PAGE_SCRIPT = `"use strict";
${ELEMENT_SCRIPT}const EVERY_MS = 3000;
const POINTS = 60;
const number = new Intl.NumberFormat("en");
const percent = (share) => (share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0) + " %";
const STATE_KIND = { fresh: "good", loading: "", stale: "warn", held: "warn", failed: "bad" };

function text(id, value) {
	const node = at(id);
	if (node.textContent !== value) node.textContent = value;
}

function badge(kind, content) {
	return element("span", "badge " + kind, content);
}

function size(bytes) {
	for (const unit of ["B", "KiB", "MiB"]) {
		if (bytes < 1024) return (bytes < 10 && unit !== "B" ? bytes.toFixed(1) : Math.round(bytes)) + " " + unit;
		bytes /= 1024;
	}
	return bytes.toFixed(1) + " GiB";
}

function span(ms) {
	const minutes = Math.floor(ms / 60000);
	if (minutes < 1) return Math.max(0, Math.round(ms / 1000)) + " s";
	if (minutes < 60) return minutes + " min";
	if (minutes < 2880) return Math.floor(minutes / 60) + " h " + (minutes % 60) + " min";
	return Math.floor(minutes / 1440) + " days";
}

function quick(seconds) {
	return seconds < 0.001 ? Math.round(seconds * 1e6) + " µs" : (seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0) + " ms";
}

function row(title, mark, value, notes, fault) {
	const item = element("li");
	const name = element("span", "title", title);
	if (mark) name.append(mark);
	item.append(name, element("span", "value", value));
	if (notes) item.append(element("span", "quiet", notes));
	if (fault) item.append(element("span", "fault", fault));
	return item;
}

function fill(id, rows, empty) {
	at(id).replaceChildren(...(rows.length > 0 ? rows : [element("li", "quiet", empty)]));
}

function listRow(list) {
	const notes = [list.kind === "allow" ? "allow list" : list.category];
	if (list.format) notes.push(list.format);
	if (list.lastSuccess) notes.push("updated " + span(Date.now() - list.lastSuccess) + " ago");
	if (list.badLines > 0) notes.push(number.format(list.badLines) + " lines not understood");
	if (list.skippedLines > 0) notes.push(number.format(list.skippedLines) + " lines without meaning in DNS");
	notes.push(list.source);
	return row(list.name, badge(STATE_KIND[list.state] || "", list.state), number.format(list.domains), notes.join(" · "), list.problem);
}

function upstreamRow(upstream) {
	const notes = upstream.queries > 0
		? percent(upstream.failures / upstream.queries) + " failed" + (upstream.meanSeconds > 0 ? " · " + quick(upstream.meanSeconds) + " on average" : "")
		: "not asked yet";
	const unasked = upstream.queries === 0 && !upstream.up;
	const mark = unasked ? badge("", "not asked yet") : badge(upstream.up ? "good" : "bad", upstream.up ? "up" : "down");
	return row(upstream.name, mark, number.format(upstream.queries), notes);
}

function workerRow(worker, i) {
	const mark = badge(worker.serving ? "good" : "bad", worker.serving ? "answering" : "not answering");
	return row("Worker " + i, mark, worker.restarts > 0 ? number.format(worker.restarts) + " restarts" : "");
}

function showStatus(status) {
	at("state").className = "badge " + (status.ready ? "good" : "warn");
	text("state", status.ready ? "ready" : "not ready");
	text("about", status.version + " · up " + span(Date.now() - status.startedAt) + " · " + status.dns.join(", "));
	text("domains", number.format(status.blockedDomains));
	text("domains-note", number.format(status.allowedDomains) + " allowed · " + size(status.indexBytes));
	at("notice").hidden = status.ready;
	if (!status.ready) text("notice", "Not ready: " + (status.waitingFor || "still starting"));
	fill("lists", status.lists.map(listRow), "No lists yet. Name some under lists in the configuration.");
	fill("workers", status.workers.map(workerRow), "No workers.");
}

const history = [];

function line(key, top) {
	return history.map((point, i) => {
		const x = 600 - (history.length - 1 - i) * (600 / (POINTS - 1));
		return (i === 0 ? "M" : "L") + x.toFixed(1) + " " + (78 - (point[key] / top) * 74).toFixed(1);
	}).join("");
}

let before;
function showRate(summary) {
	const now = { time: performance.now(), queries: summary.queries, blocked: summary.blocked };
	// Fewer than before: another process has taken over and counts from zero.
	if (before && now.queries >= before.queries && now.blocked >= before.blocked && now.time > before.time) {
		const seconds = (now.time - before.time) / 1000;
		history.push({ all: (now.queries - before.queries) / seconds, blocked: (now.blocked - before.blocked) / seconds });
		if (history.length > POINTS) history.shift();
		const top = Math.max(1, ...history.map((point) => point.all));
		at("rate-all").setAttribute("d", line("all", top));
		at("rate-blocked").setAttribute("d", line("blocked", top));
		const last = history[history.length - 1];
		text("rate-note", number.format(Math.round(last.all)) + " now, " + number.format(Math.round(last.blocked)) + " of them blocked · top of the chart " + number.format(Math.round(top)));
	}
	before = now;
}

function showSummary(summary) {
	text("queries", number.format(summary.queries));
	text("queries-note", summary.medianSeconds > 0 ? "half of them within " + quick(summary.medianSeconds) : "since the start");
	text("blocked", percent(summary.shareBlocked));
	text("blocked-note", number.format(summary.blocked) + " answers");
	text("cache", percent(summary.shareCacheHits));
	text("cache-note", number.format(summary.cacheEntries) + " answers · " + size(summary.cacheBytes));
	fill("upstreams", summary.upstreams.map(upstreamRow), "No upstreams.");
	showRate(summary);
}

async function get(path) {
	const response = await fetch(path, { signal: AbortSignal.timeout(5000) });
	const body = await response.json();
	if (!response.ok) throw new Error(body.detail || response.statusText);
	return body;
}

async function refresh() {
	try {
		const [status, summary] = await Promise.all([get("/api/v1/status"), get("/api/v1/summary")]);
		showStatus(status);
		showSummary(summary);
	} catch {
		at("state").className = "badge bad";
		text("state", "no connection");
		text("notice", "Cordon does not answer on this address. The numbers below are the last ones it gave.");
		at("notice").hidden = false;
	}
}

function ruleRow(rule) {
	const reach = { exact: "this name alone", subtree: "this name and all below it", below: "all names below it", network: "answers that hold such an address" };
	const mark = rule.decides ? badge(rule.kind === "block" ? "bad" : "good", "decides") : undefined;
	const place = rule.line > 0 ? rule.list + ", line " + rule.line : rule.list;
	const notes = [rule.kind === "block" ? "blocks " + (reach[rule.scope] || "") : "allows " + (reach[rule.scope] || "")];
	if (rule.important) notes.push("important");
	if (rule.kind === "block") notes.push(rule.action);
	return row(rule.entry, mark, place, notes.join(" · "));
}

async function ask(event) {
	event.preventDefault();
	const answer = at("answer");
	try {
		const found = await get("/api/v1/explain?name=" + encodeURIComponent(at("name").value));
		const verdict = element("p", "verdict");
		const word = found.special ? "answered here" : found.blocked ? "blocked" : "not blocked";
		verdict.append(badge(found.blocked ? "bad" : "good", word), found.name);
		if (found.special) verdict.append(element("span", "quiet", "with " + found.special.answer));
		if (found.answer) verdict.append(element("span", "quiet", "answered with " + found.answer));
		const rules = element("ul", "rows");
		rules.append(...found.rules.map(ruleRow));
		answer.replaceChildren(verdict, ...(found.rules.length > 0 ? [rules] : []), element("p", "quiet", found.advice));
	} catch (error) {
		answer.replaceChildren(element("p", "fault", error.message));
	}
}

at("ask").addEventListener("submit", ask);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(() => document.hidden || refresh(), EVERY_MS);
refresh();
`;
