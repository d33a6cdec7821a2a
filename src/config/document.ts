/** A YAML text as data, together with where in the text each value stands. The one file that imports `yaml`. */
import type { Document, Node, YAMLError } from "yaml";
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from "yaml";
import type { Fault, Path, Position } from "./fault.ts";

/** Enough for people, too few for a bomb. */
const MAX_ALIASES = 100;
const TOO_DEEP = "it is nested too deeply";

export interface ConfigDocument {
	/** Undefined for an empty text, and for one that cannot be read. */
	readonly value: unknown;
	readonly faults: readonly Fault[];
	/** Of the value at `path`, or of the nearest thing around it that is in the text. */
	locate(path: Path): Position | undefined;
	/** Of the key itself rather than of its value. */
	locateKey(path: Path): Position | undefined;
}

/** Slips that are easy to make in a file full of names and addresses, and what YAML makes of them. */
function advice(line: string): string {
	if (/(^|[\s:,[])\*/.test(line)) return '; a name that begins with * needs quotes: "*.example.org"';
	if (/\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]/.test(line)) {
		return '; an address in brackets needs quotes: "[::1]:53"';
	}
	if (/:\s*\*?[@`%|>!&]/.test(line)) return "; text that begins with a special character needs quotes";
	return "";
}

class Place {
	readonly #text: string;
	readonly #lines: LineCounter;
	constructor(text: string, lines: LineCounter) {
		this.#text = text;
		this.#lines = lines;
	}

	at(offset: number): Position {
		const { line, col } = this.#lines.linePos(Math.min(offset, this.#text.length));
		return { line: Math.max(line, 1), column: Math.max(col, 1) };
	}

	lineOf(offset: number): string {
		const start = this.#text.lastIndexOf("\n", Math.max(offset - 1, 0)) + 1;
		const end = this.#text.indexOf("\n", offset);
		return this.#text.slice(start, end === -1 ? undefined : end);
	}

	/** The key, name or other word that stands at `offset`. */
	wordAt(offset: number): string {
		return /^[^\s:,\]}]{1,60}/.exec(this.#text.slice(offset, offset + 60))?.[0] ?? "";
	}

	fault(offset: number, message: string): Fault {
		return { key: "", position: this.at(offset), message: `${message}${advice(this.lineOf(offset))}` };
	}
}

function aliasFaults(document: Document.Parsed, place: Place): Fault[] {
	const anchors = new Set<string>();
	const faults: Fault[] = [];
	let aliases = 0;
	visit(document, {
		Node(_, node) {
			if (!isAlias(node)) {
				if (node.anchor !== undefined) anchors.add(node.anchor);
				return undefined;
			}
			if (++aliases > MAX_ALIASES) {
				faults.push(
					place.fault(node.range?.[0] ?? 0, `more than ${MAX_ALIASES} aliases (*name) in one file`),
				);
				return visit.BREAK;
			}
			if (anchors.has(node.source)) return undefined;
			faults.push(place.fault(node.range?.[0] ?? 0, `the alias *${node.source} has no anchor before it`));
			return undefined;
		},
	});
	return faults;
}

function follow(node: unknown, document: Document.Parsed): unknown {
	return isAlias(node) ? node.resolve(document) : node;
}

function startOf(node: unknown): number | undefined {
	return (node as Node | null | undefined)?.range?.[0];
}

/** Offset of the value at `path`, or of its key; of what is around it when the text does not hold it. */
function offsetOf(document: Document.Parsed, path: Path, wanted: "key" | "value"): number | undefined {
	let node: unknown = document.contents;
	let offset = startOf(node);
	for (const [depth, part] of path.entries()) {
		const around = follow(node, document);
		if (isSeq(around)) {
			node = typeof part === "number" ? around.items[part] : undefined;
			offset = startOf(node) ?? offset;
		} else if (isMap(around)) {
			// Of a key that stands twice, toJS takes the last.
			const pair = around.items.findLast(
				(item) => isPair(item) && isScalar(item.key) && item.key.value === part,
			);
			node = pair?.value;
			const last = depth === path.length - 1;
			// An empty value has no place of its own worth showing: its key does.
			const empty = isScalar(node) && node.value === null;
			offset =
				((last && wanted === "key") || empty ? undefined : startOf(node)) ?? startOf(pair?.key) ?? offset;
		}
		if (node === undefined || node === null) break;
	}
	return offset;
}

const NOWHERE = { locate: () => undefined, locateKey: () => undefined } as const;

function located(document: Document.Parsed, place: Place): Pick<ConfigDocument, "locate" | "locateKey"> {
	const locate = (path: Path, wanted: "key" | "value") => {
		const offset = offsetOf(document, path, wanted);
		return offset === undefined ? undefined : place.at(offset);
	};
	return { locate: (path) => locate(path, "value"), locateKey: (path) => locate(path, "key") };
}

function syntaxFault(error: YAMLError, place: Place): Fault {
	const at = error.pos[0];
	switch (error.code) {
		case "DUPLICATE_KEY":
			return place.fault(at, `the key ${place.wordAt(at)} stands twice in the same map; make them one`);
		case "TAB_AS_INDENT":
			return place.fault(at, "a tab indents this line; YAML takes only spaces");
		case "NON_STRING_KEY":
			return place.fault(at, "a list or map stands where a key should");
		case "RESOURCE_EXHAUSTION":
			return place.fault(at, TOO_DEEP);
		default:
			return place.fault(at, error.message);
	}
}

/** One slip makes the parser complain again and again in the same place: the first says it. */
function firstOfEachPlace(faults: readonly Fault[]): readonly Fault[] {
	const tooDeep = faults.find(({ message }) => message.startsWith(TOO_DEEP));
	if (tooDeep !== undefined) return [tooDeep];
	const first = new Map<string, Fault>();
	for (const fault of faults) {
		const where = `${fault.position?.line}:${fault.position?.column}`;
		if (!first.has(where)) first.set(where, fault);
	}
	return [...first.values()];
}

function parse(text: string): ConfigDocument {
	const lines = new LineCounter();
	const all = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
	const [document, second] = Array.isArray(all) ? all : [];
	if (document === undefined) return { value: undefined, faults: [], ...NOWHERE };
	const place = new Place(text, lines);
	const problems = [...document.errors, ...document.warnings];
	const faults = problems.map((error) => syntaxFault(error, place));
	if (second !== undefined) {
		const at = startOf(second.contents) ?? second.range[0];
		faults.push(place.fault(at, "a second YAML document begins here; a configuration is one document"));
	}
	faults.push(...aliasFaults(document, place));
	// A text with no fault but a key that stands twice still says enough to find the other faults in it.
	const unreadable = faults.length > problems.filter(({ code }) => code === "DUPLICATE_KEY").length;
	if (unreadable) return { value: undefined, faults: firstOfEachPlace(faults), ...NOWHERE };
	const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
	return { value: value ?? undefined, faults, ...located(document, place) };
}

function whyUnreadable(error: unknown): string {
	// The parser is recursive: a stack that overflows is all it can say of a text nested too deeply.
	if (error instanceof RangeError) return TOO_DEEP;
	if (error instanceof ReferenceError) return `its aliases (*name) unfold to more than ${MAX_ALIASES} copies`;
	return error instanceof Error ? error.message : String(error);
}

/** Never throws: what is wrong with the text is in `faults`. */
export function parseDocument(text: string): ConfigDocument {
	try {
		return parse(text);
	} catch (error) {
		const message = `cannot be read as YAML: ${whyUnreadable(error)}`;
		return { value: undefined, faults: [{ key: "", message }], ...NOWHERE };
	}
}
