import { createHash, type Hash } from "node:crypto";
import type { DraftLine } from "../desk.ts";
import { Turns } from "./turns.ts";

const SLICE = 500;

/** The lines of one request, read one by one, with a digest of all that was read. */
export class Body {
	readonly #lines: AsyncIterator<DraftLine> | Iterator<DraftLine>;
	readonly #hash: Hash = createHash("sha256");
	readonly #turns = new Turns(SLICE);
	#digest: string | undefined;

	/** @param scope what the digest is about besides the lines. */
	constructor(lines: AsyncIterable<DraftLine> | Iterable<DraftLine>, scope: string) {
		this.#lines = Symbol.asyncIterator in lines ? lines[Symbol.asyncIterator]() : lines[Symbol.iterator]();
		this.#hash.update(`${scope}\n`);
	}

	/** Undefined when there are no more. Rejects as the source of the lines does. */
	async next(): Promise<DraftLine | undefined> {
		if (this.#digest !== undefined) return undefined;
		// Lines that are all there already would otherwise be read in one go.
		if (this.#turns.over()) await this.#turns.next();
		const { value, done } = await this.#lines.next();
		if (done === true) {
			this.#digest = this.#hash.digest("hex");
			return undefined;
		}
		this.#hash.update(`${value.line} ${shown(value.value)}\n`);
		return value;
	}

	/** Reads what is left. @returns SHA-256 of all lines, in hexadecimal. */
	async digest(): Promise<string> {
		while (this.#digest === undefined) await this.next();
		return this.#digest;
	}

	/** Nobody will read on. */
	async close(): Promise<void> {
		if (this.#digest === undefined) await this.#lines.return?.();
	}
}

function shown(value: unknown): string {
	if (value instanceof Error) return `error ${value.message}`;
	try {
		return JSON.stringify(value) ?? "nothing";
	} catch {
		// Nested deeper than the stack reaches, or no JSON at all: it is refused in any case.
		return "unreadable";
	}
}
