/** The text of a scenario, read: README.md beside the scenarios tells how it is written. */

export interface Line {
	readonly number: number;
	readonly words: readonly string[];
	/** As it stands, without its indentation. */
	readonly text: string;
	readonly depth: number;
}

/** A line, and the lines that are indented below it. */
export interface Block extends Line {
	readonly below: readonly Block[];
}

export interface Script {
	readonly title: string;
	readonly blocks: readonly Block[];
}

export class ScriptError extends Error {
	constructor(line: Line, what: string) {
		super(`line ${line.number}: ${what}: ${line.text}`);
	}
}

/** Words apart, quoted ones whole. */
function wordsOf(text: string): string[] {
	return Array.from(text.matchAll(/"((?:\\.|[^"\\])*)"|\S+/g), ([whole, quoted]) => quoted ?? whole);
}

function nested(lines: readonly Line[]): Block[] {
	const blocks: Block[] = [];
	for (let i = 0; i < lines.length; ) {
		const { depth } = lines[i];
		let end = i + 1;
		while (end < lines.length && lines[end].depth > depth) end++;
		blocks.push({ ...lines[i], below: nested(lines.slice(i + 1, end)) });
		i = end;
	}
	return blocks;
}

export function parseScript(text: string): Script {
	const lines: Line[] = [];
	let title = "";
	for (const [i, whole] of text.split("\n").entries()) {
		const trimmed = whole.trim();
		if (i === 0) title = trimmed.replace(/^#\s*/, "");
		if (trimmed === "" || trimmed.startsWith("#")) continue;
		const depth = /^\t*/.exec(whole)?.[0].length ?? 0;
		lines.push({ number: i + 1, words: wordsOf(trimmed), text: trimmed, depth });
	}
	return { title, blocks: nested(lines) };
}

/** The lines below a block as they stand, for YAML and lists; tabs of indentation become two spaces each. */
export function bodyOf(block: Block): string {
	const base = block.depth + 1;
	const out: string[] = [];
	const walk = (blocks: readonly Block[]): void => {
		for (const one of blocks) {
			out.push(`${"  ".repeat(one.depth - base)}${one.text}`);
			walk(one.below);
		}
	};
	walk(block.below);
	return `${out.join("\n")}\n`;
}

/** `30s`, `5m`, `2h`, `1d` in milliseconds. */
export function milliseconds(text: string, line: Line): number {
	const [, count, unit = ""] = /^\+?(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
	const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
	if (count === undefined || factor === undefined) throw new ScriptError(line, `${text} is no time`);
	return Number(count) * factor;
}
