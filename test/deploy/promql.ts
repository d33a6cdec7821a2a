/** Reads from a PromQL expression which series it asks for, and by which labels it groups; enough for a lint. */

export interface Matcher {
	readonly label: string;
	readonly operator: string;
	readonly value: string;
}

export interface Selector {
	readonly metric: string;
	readonly matchers: readonly Matcher[];
}

export interface Reading {
	readonly selectors: readonly Selector[];
	/** Labels of by, without, on, ignoring and the two groups. */
	readonly grouping: readonly string[];
}

const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[a-zA-Z_:][\w:]*|\d[\w.]*|=~|!~|!=|==|<=|>=|\S/g;
const NAME = /^[a-zA-Z_:]/;
const GROUPING = new Set(["by", "without", "on", "ignoring", "group_left", "group_right"]);
const WORDS = new Set(["and", "or", "unless", "offset", "bool", "inf", "nan", "start", "end"]);
/** What Grafana puts in for `$…`; it stands for a duration or for text, never for a series. */
const VARIABLE = /\$\{?\w+\}?/g;

export function readExpression(text: string): Reading {
	const tokens: readonly string[] = text.replaceAll(VARIABLE, "1m").match(TOKEN) ?? [];
	const selectors: Selector[] = [];
	const grouping: string[] = [];
	for (let at = 0; at < tokens.length; at++) {
		const token = tokens[at] ?? "";
		if (!NAME.test(token)) {
			if (token === "{") throw new SyntaxError(`a selector without a metric: ${text}`);
			continue;
		}
		const word = token.toLowerCase();
		if (GROUPING.has(word)) {
			if (tokens[at + 1] !== "(") continue;
			const end = tokens.indexOf(")", at);
			grouping.push(...tokens.slice(at + 2, end).filter((label) => label !== ","));
			at = end;
		} else if (!WORDS.has(word) && tokens[at + 1] !== "(" && !GROUPING.has(tokens[at + 1] ?? "")) {
			const matchers: Matcher[] = [];
			if (tokens[at + 1] === "{") {
				const end = tokens.indexOf("}", at);
				const inner = tokens.slice(at + 2, end).filter((one) => one !== ",");
				for (let i = 0; i < inner.length; i += 3)
					matchers.push({
						label: inner[i] ?? "",
						operator: inner[i + 1] ?? "",
						value: (inner[i + 2] ?? "").slice(1, -1),
					});
				at = end;
			}
			selectors.push({ metric: token, matchers });
		}
	}
	return { selectors, grouping };
}
