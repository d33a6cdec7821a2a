/** Bodies: which kinds are taken, how large they may be, and what is read from them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { DraftLine } from "../../pool/desk.ts";
import { arrival, hasBody, type Pace } from "./arrival.ts";
import { draftLines, type LineLimits } from "./draft-lines.ts";
import { shown } from "./field.ts";
import { HungUp, Refusal } from "./refusal.ts";

export interface IntakeLimits extends Pace, LineLimits {
	/** Of a body of JSON, unpacked. */
	readonly maxJsonBytes: number;
	/** Of a body of NDJSON, unpacked. */
	readonly maxBytes: number;
}

export const INTAKE_LIMITS: IntakeLimits = {
	graceMs: 10_000,
	bytesPerSecond: 1024,
	maxLines: 1_000_000,
	maxLineBytes: 8192,
	maxJsonBytes: 1024 ** 2,
	maxBytes: 1024 ** 3,
};

export const JSON_TYPE = "application/json";
export const NDJSON_TYPE = "application/x-ndjson";

/** What was sent to be taken into the pool. */
export interface Drafts {
	/** One JSON object, rather than an array or NDJSON. */
	readonly single: boolean;
	readonly lines: Iterable<DraftLine> | AsyncIterable<DraftLine>;
}

const KINDS: Readonly<Record<string, string>> = {
	"application/json": JSON_TYPE,
	"application/x-ndjson": NDJSON_TYPE,
	"application/ndjson": NDJSON_TYPE,
};

function mediaType(raw: IncomingMessage, taken: readonly string[]): string {
	const header = raw.headers["content-type"];
	const [type = "", ...parameters] = (header ?? "").split(";").map((part) => part.trim().toLowerCase());
	const advice = `send it as ${taken.join(" or ")}`;
	if (header === undefined) throw new Refusal(415, `the body has no Content-Type; ${advice}`);
	const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
	if (kind === undefined || !taken.includes(kind)) {
		throw new Refusal(415, `the Content-Type ${shown(header)} is not taken here; ${advice}`, {
			"accept-post": taken.join(", "),
		});
	}
	const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice(8);
	if (charset !== undefined && charset.replaceAll('"', "") !== "utf-8") {
		throw new Refusal(415, `the charset ${shown(charset)} is not taken; send the body in UTF-8`);
	}
	return kind;
}

export class Intake {
	readonly #limits: IntakeLimits;

	constructor(limits: IntakeLimits) {
		this.#limits = limits;
	}

	/** The JSON of a body; undefined when there is none and none is needed. */
	async json(raw: IncomingMessage, response: ServerResponse, optional = false): Promise<unknown> {
		if (optional && !hasBody(raw)) return undefined;
		if (!hasBody(raw)) throw new Refusal(400, "the body is missing; send a JSON object");
		mediaType(raw, [JSON_TYPE]);
		return await this.#wholeJson(raw, response);
	}

	/** A Refusal that the lines throw tells that nothing of them is to be taken. */
	async drafts(raw: IncomingMessage, response: ServerResponse): Promise<Drafts> {
		if (!hasBody(raw)) {
			throw new Refusal(
				400,
				"the body is missing; send a contribution as a JSON object, several as an array or as NDJSON",
			);
		}
		if (mediaType(raw, [JSON_TYPE, NDJSON_TYPE]) === NDJSON_TYPE) {
			const bytes = this.#unpacked(raw, response, this.#limits.maxBytes, "send it in several batches");
			return { single: false, lines: draftLines(bytes, this.#limits) };
		}
		const value = await this.#wholeJson(raw, response);
		if (Array.isArray(value)) {
			return { single: false, lines: value.map((item: unknown, i) => ({ line: i + 1, value: item })) };
		}
		return { single: true, lines: [{ line: 1, value }] };
	}

	async #wholeJson(raw: IncomingMessage, response: ServerResponse): Promise<unknown> {
		const chunks: Buffer[] = [];
		const advice = `send contributions as ${NDJSON_TYPE}, which may be larger`;
		for await (const chunk of this.#unpacked(raw, response, this.#limits.maxJsonBytes, advice)) {
			chunks.push(chunk);
		}
		let written: string;
		try {
			written = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
		} catch {
			throw new Refusal(400, "the body is not UTF-8");
		}
		if (written.trim() === "") throw new Refusal(400, "the body is empty; send JSON");
		try {
			return JSON.parse(written) as unknown;
		} catch (error) {
			throw new Refusal(400, `the body is not JSON: ${(error as Error).message}`);
		}
	}

	/** The body without its packing, and never more than `most` bytes of it, packed or not. */
	async *#unpacked(
		raw: IncomingMessage,
		response: ServerResponse,
		most: number,
		advice: string,
	): AsyncGenerator<Buffer, void> {
		const encoding = (raw.headers["content-encoding"] ?? "identity").trim().toLowerCase();
		if (encoding !== "identity" && encoding !== "gzip") {
			throw new Refusal(
				415,
				`the Content-Encoding ${shown(encoding)} is not taken; send the body as it is, or with gzip`,
				{ "accept-encoding": "gzip, identity" },
			);
		}
		const tooLarge = (): Refusal =>
			new Refusal(413, `the body has more than ${most} bytes. Nothing of it was taken; ${advice}`);
		if (Number(raw.headers["content-length"] ?? 0) > most) throw tooLarge();
		let bytes = 0;
		const packed = arrival(raw, response, this.#limits);
		for await (const chunk of encoding === "gzip" ? gunzipped(packed) : packed) {
			bytes += chunk.length;
			if (bytes > most) throw tooLarge();
			yield chunk;
		}
	}
}

async function* gunzipped(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
	const gunzip = createGunzip();
	let fault: unknown;
	const feeding = pipeline(packed, gunzip).catch((error: unknown) => {
		fault ??= error;
	});
	try {
		for await (const chunk of gunzip) yield chunk as Buffer;
		await feeding;
	} catch (error) {
		await feeding;
		const cause = fault ?? error;
		if (cause instanceof Refusal || cause instanceof HungUp) throw cause;
		throw new Refusal(400, `the gzip of the body cannot be unpacked: ${(cause as Error).message}`);
	}
}
