import { closeSync, openSync, writeSync } from "node:fs";

const CHUNK = 1 << 20;

/** Millions of lines, without holding the text of all of them. */
export function writeLines(path: string, lines: Iterable<string>): void {
	const file = openSync(path, "w");
	try {
		let text = "";
		for (const line of lines) {
			text += `${line}\n`;
			if (text.length > CHUNK) {
				writeSync(file, text);
				text = "";
			}
		}
		writeSync(file, text);
	} finally {
		closeSync(file);
	}
}
