/** A file of contributions as NDJSON, line by line: the server's line numbers are the file's. */

export type Fields = Readonly<Record<string, unknown>>;

const LF = 10;
const BRACE = 0x7b;
/** Longer than any line that the server takes. */
const LONGEST = 16_384;

function isJson(line: Buffer): boolean {
	for (const byte of line) {
		if (byte === BRACE) return true;
		// Blanks, and the bytes of a byte order mark.
		if (byte !== 0x20 && byte !== 0x09 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) return false;
	}
	return false;
}

/** An object that lacks a field gets it; what is no object is left for the server to refuse. */
function completed(line: Buffer, defaults: Fields): Buffer {
	if (Object.keys(defaults).length === 0) return line;
	let value: Record<string, unknown>;
	try {
		// It begins with a brace, so that it is an object or nothing.
		value = JSON.parse(line.toString("utf8").replace(/^\ufeff/, "")) as Record<string, unknown>;
	} catch {
		return line;
	}
	return Buffer.from(JSON.stringify(value.op === "withdraw" ? value : { ...defaults, ...value }));
}

/** A line of a plain list: a domain, and perhaps a comment. */
function plain(line: Buffer, defaults: Fields): Buffer {
	const text = line.toString("utf8").replace(/^\ufeff/, "");
	const domain = text.replace(/(^|\s)#.*$/s, "").trim();
	return Buffer.from(domain === "" ? "" : JSON.stringify({ domain, ...defaults }));
}

const END = Buffer.from("\n");

/**
 * As many lines at once as came in one piece.
 *
 * @param defaults what each contribution says that does not say it itself.
 */
export async function* importLines(chunks: AsyncIterable<Buffer>, defaults: Fields): AsyncGenerator<Buffer> {
	let rest: Buffer = Buffer.alloc(0);
	// Too long for the server: passed on as it comes, so that it can say so.
	let passing = false;
	const finish = (line: Buffer): Buffer => (isJson(line) ? completed(line, defaults) : plain(line, defaults));
	for await (const chunk of chunks) {
		const done: Buffer[] = [];
		let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
		for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF)) {
			const line = bytes.subarray(0, end);
			done.push(passing ? line : finish(line), END);
			passing = false;
			bytes = bytes.subarray(end + 1);
		}
		if (passing || bytes.length > LONGEST) {
			passing = true;
			done.push(bytes);
			bytes = Buffer.alloc(0);
		}
		rest = bytes;
		if (done.length > 0) yield Buffer.concat(done);
	}
	if (!passing && rest.length > 0) yield Buffer.concat([finish(rest), END]);
}
