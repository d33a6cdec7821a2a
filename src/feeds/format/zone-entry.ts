/** The words of a zone file's entries (RFC 1035, section 5.1): comments, quotes, parentheses. */

/** One entry, which may have stood on several lines. */
export interface ZoneEntry {
	/** Whether the line began with a space: the entry belongs to the owner of the one before. */
	readonly sameOwner: boolean;
	/** Quotes are gone, escapes are still there: only the record's type says what they mean. */
	readonly words: readonly string[];
}

/** An entry in parentheses longer than this has lost its closing one. */
const MOST_WORDS = 1024;

const SPECIAL = /["();\\]/;

/** Puts entries together from lines. */
export class EntryAssembler {
	#words: string[] = [];
	#sameOwner = false;
	#depth = 0;

	/** Whether a parenthesis is open. */
	get open(): boolean {
		return this.#depth > 0;
	}

	/** An entry when this line ends one, undefined when there is none yet, a text when the line is faulty. */
	push(line: string): ZoneEntry | undefined | string {
		if (this.#depth === 0) {
			this.#words = [];
			this.#sameOwner = isSpace(line.charCodeAt(0));
		}
		const fault = SPECIAL.test(line) ? this.#takeSpecial(line) : this.#takePlain(line);
		if (fault === undefined && this.#words.length > MOST_WORDS)
			return this.#fail("a parenthesis is never closed");
		if (fault !== undefined) return this.#fail(fault);
		if (this.#depth > 0 || this.#words.length === 0) return undefined;
		return { sameOwner: this.#sameOwner, words: this.#words };
	}

	#fail(fault: string): string {
		this.#depth = 0;
		this.#words = [];
		return fault;
	}

	#takePlain(line: string): undefined {
		let start = -1;
		for (let i = 0; i < line.length; i++) {
			if (isSpace(line.charCodeAt(i))) {
				if (start >= 0) this.#words.push(line.slice(start, i));
				start = -1;
			} else if (start < 0) start = i;
		}
		if (start >= 0) this.#words.push(line.slice(start));
	}

	#takeSpecial(line: string): string | undefined {
		let i = 0;
		while (i < line.length) {
			const char = line[i];
			if (char === ";") return undefined;
			if (char === "(") this.#depth++;
			if (char === ")" && --this.#depth < 0) return "a closing parenthesis with no opening one";
			if (char === "(" || char === ")" || isSpace(line.charCodeAt(i))) i++;
			else if (char === '"') {
				const stop = pastWord(line, i + 1, /"/);
				if (stop >= line.length) return "a quotation mark is never closed";
				this.#words.push(line.slice(i + 1, stop));
				i = stop + 1;
			} else {
				const stop = pastWord(line, i, /[ \t\v\f"();]/);
				this.#words.push(line.slice(i, stop));
				i = stop;
			}
		}
		return undefined;
	}
}

/** Where the first unescaped character of the kind stands. */
function pastWord(line: string, from: number, end: RegExp): number {
	let i = from;
	while (i < line.length && !end.test(line.charAt(i))) i += line[i] === "\\" ? 2 : 1;
	return Math.min(i, line.length);
}

function isSpace(code: number): boolean {
	return code === 0x20 || code === 0x09 || code === 0x0b || code === 0x0c;
}
