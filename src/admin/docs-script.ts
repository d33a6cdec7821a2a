/** What lays the API's document out. All of it is set as text, so that nothing in it can become markup. */
import { ELEMENT_SCRIPT } from "./element-script.ts";

export const DOCS_SCRIPT = `"use strict";
${ELEMENT_SCRIPT}const KIND = { get: "good", post: "warn", delete: "bad" };

function nameOf(schema) {
	return schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
}

function link(schema) {
	const anchor = element("a", "", nameOf(schema));
	anchor.href = "#schema-" + nameOf(schema);
	return anchor;
}

/** What may stand there, in a few words; names of schemas lead to them. */
function kindOf(schema) {
	const out = element("span");
	if (!schema) return out;
	if (schema.$ref) out.append(link(schema));
	else if (schema.oneOf) schema.oneOf.forEach((one, i) => out.append(i > 0 ? " or " : "", kindOf(one)));
	else if (schema.type === "array") out.append("list of ", kindOf(schema.items));
	else if (schema.enum) out.append(schema.enum.join(" | "));
	else if (schema.const !== undefined) out.append(JSON.stringify(schema.const));
	else out.append((schema.type || "anything") + (schema.format ? " (" + schema.format + ")" : ""));
	const limits = [];
	if (schema.minimum !== undefined) limits.push("from " + schema.minimum);
	if (schema.maximum !== undefined) limits.push("to " + schema.maximum);
	if (schema.maxLength !== undefined) limits.push("at most " + schema.maxLength + " characters");
	if (schema.default !== undefined) limits.push("default " + JSON.stringify(schema.default));
	if (schema.examples) limits.push("such as " + schema.examples.map((one) => JSON.stringify(one)).join(", "));
	if (limits.length > 0) out.append(element("span", "quiet", " " + limits.join(", ")));
	return out;
}

function row(list, name, required, about, schema) {
	list.append(element("dt", "", name + (required ? " *" : "")));
	const detail = element("dd", "", about ? about + ": " : "");
	detail.append(kindOf(schema));
	list.append(detail);
}

function properties(schema) {
	const list = element("dl");
	for (const [name, one] of Object.entries(schema.properties || {})) {
		row(list, name, (schema.required || []).includes(name), one.description, one);
		if (one.type === "object" && one.properties) {
			for (const [below, inner] of Object.entries(one.properties)) {
				row(list, name + "." + below, (one.required || []).includes(below), inner.description, inner);
			}
		}
	}
	return list;
}

function example(value) {
	return element("pre", "", typeof value === "string" ? value : JSON.stringify(value, undefined, 2));
}

function contents(card, content) {
	for (const [type, { schema, example: shown }] of Object.entries(content || {})) {
		const line = element("p", "quiet", type + " ");
		if (schema && !schema.properties) line.append(kindOf(schema));
		card.append(line);
		if (schema && schema.properties) card.append(properties(schema));
		if (shown !== undefined) card.append(example(shown));
	}
}

function operation(path, method, details) {
	const card = element("article", "card operation");
	card.id = details.operationId;
	const title = element("h3");
	title.append(element("span", "badge " + (KIND[method] || ""), method.toUpperCase()), path);
	card.append(title, element("p", "", details.summary));
	for (const part of (details.description || "").split("\\n\\n")) if (part) card.append(element("p", "quiet", part));
	if (details.parameters && details.parameters.length > 0) {
		const list = element("dl");
		for (const one of details.parameters) row(list, one.name + " (" + one.in + ")", one.required, one.description, one.schema);
		card.append(element("h4", "", "Parameters"), list);
	}
	if (details.requestBody) {
		card.append(element("h4", "", "Body" + (details.requestBody.required ? "" : ", which may be left out")));
		if (details.requestBody.description) card.append(element("p", "quiet", details.requestBody.description));
		contents(card, details.requestBody.content);
	}
	card.append(element("h4", "", "Answers"));
	const failures = element("dl");
	for (const [status, answer] of Object.entries(details.responses)) {
		if (Number(status) >= 400) {
			failures.append(element("dt", "", status), element("dd", "", answer.description));
			continue;
		}
		card.append(element("p", "", status + ": " + answer.description));
		contents(card, answer.content);
	}
	card.append(failures);
	return card;
}

function show(api) {
	at("about").textContent = api.info.version + " · " + api.info.description;
	for (const { name } of api.tags) {
		const section = element("section");
		section.append(element("h2", "", name));
		section.id = "group-" + name;
		for (const [path, methods] of Object.entries(api.paths)) {
			for (const [method, details] of Object.entries(methods)) {
				if (details.tags.includes(name)) section.append(operation(path, method, details));
			}
		}
		const anchor = element("a", "", name);
		anchor.href = "#group-" + name;
		at("contents").append(anchor);
		at("operations").append(section);
	}
	for (const [name, schema] of Object.entries(api.components.schemas)) {
		const part = element("div", "schema");
		part.id = "schema-" + name;
		part.append(element("h3", "", name), element("p", "quiet", schema.description || ""), properties(schema));
		at("schemas").append(part);
	}
	// The browser looked for the place before it was there.
	if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

async function load() {
	try {
		const response = await fetch("/api/v1/openapi.json", { signal: AbortSignal.timeout(10000) });
		if (!response.ok) throw new Error(response.statusText);
		show(await response.json());
	} catch (error) {
		at("notice").textContent = "The document could not be loaded: " + error.message;
		at("notice").hidden = false;
	}
}

load();
`;
