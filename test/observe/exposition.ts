/** A strict reader of the Prometheus text format 0.0.4: whatever is not exactly right throws. */

export interface Sample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

export interface ExposedFamily {
	readonly name: string;
	readonly help: string;
	readonly type: string;
	readonly samples: readonly Sample[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/;

function parseLabels(text: string): Record<string, string> {
	const labels: Record<string, string> = {};
	let rest = text;
	while (rest !== "") {
		const match = LABEL.exec(rest);
		if (match === null) throw new SyntaxError(`bad labels: ${text}`);
		if (Object.hasOwn(labels, match[1])) throw new SyntaxError(`label twice: ${text}`);
		labels[match[1]] = match[2].replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
		rest = rest.slice(match[0].length);
	}
	return labels;
}

function parseValue(text: string): number {
	// As prom-client writes it; Prometheus reads it in any case.
	if (text === "Nan") return Number.NaN;
	if (text === "+Inf") return Number.POSITIVE_INFINITY;
	if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw new SyntaxError(`bad value: ${text}`);
	return Number(text);
}

export function parseExposition(text: string): Map<string, ExposedFamily> {
	if (!text.endsWith("\n")) throw new SyntaxError("the last line does not end");
	const families = new Map<string, ExposedFamily>();
	const seen = new Set<string>();
	let family: { name: string; help: string; type: string; samples: Sample[] } | undefined;
	let help: { name: string; text: string } | undefined;
	for (const line of text.split("\n")) {
		if (line === "") continue;
		const helpLine = new RegExp(`^# HELP (${NAME}) (.*)$`).exec(line);
		if (helpLine !== null) {
			help = { name: helpLine[1], text: helpLine[2] };
			continue;
		}
		const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary)$`).exec(line);
		if (type !== null) {
			if (help?.name !== type[1]) throw new SyntaxError(`TYPE without its HELP: ${line}`);
			if (families.has(type[1])) throw new SyntaxError(`family twice: ${line}`);
			family = { name: type[1], help: help.text, type: type[2], samples: [] };
			families.set(family.name, family);
			continue;
		}
		const sample = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`).exec(line);
		if (sample === null || family === undefined) throw new SyntaxError(`bad line: ${line}`);
		const suffix = family.type === "histogram" ? "(_bucket|_sum|_count)" : "(_sum|_count)?";
		if (!new RegExp(`^${family.name}${suffix}$`).test(sample[1]))
			throw new SyntaxError(`strange sample: ${line}`);
		const key = `${sample[1]}{${sample[2] ?? ""}}`;
		if (seen.has(key)) throw new SyntaxError(`series twice: ${line}`);
		seen.add(key);
		family.samples.push({
			name: sample[1],
			labels: parseLabels(sample[2] ?? ""),
			value: parseValue(sample[3]),
		});
	}
	return families;
}

/** The value of the one sample that has exactly these labels. */
export function sampleValue(
	families: Map<string, ExposedFamily>,
	name: string,
	labels: Readonly<Record<string, string>> = {},
): number | undefined {
	const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ""));
	return family?.samples.find(
		(sample) =>
			sample.name === name &&
			Object.keys(sample.labels).length === Object.keys(labels).length &&
			Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
	)?.value;
}
