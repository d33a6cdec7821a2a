/** What a `query` step expects of its reply, line by line; what is not said is not looked at. */
import { type Message, type RecordSet, read } from "../../differential/reading.ts";
import { type Block, ScriptError } from "./script.ts";
import { RCODES } from "./scripted-upstream.ts";
import { nameBytes, readRecord } from "./zone-record.ts";

const FLAG_NAMES: readonly (readonly [string, number])[] = [
	["qr", 0x8000],
	["aa", 0x0400],
	["tc", 0x0200],
	["rd", 0x0100],
	["ra", 0x0080],
	["z", 0x0040],
	["ad", 0x0020],
	["cd", 0x0010],
];
const EXTENDED: Readonly<Record<number, string>> = { 16: "BADVERS", 23: "BADCOOKIE" };
const EDE = 15;
const SECTIONS = ["answer", "authority"] as const;

function rcodeName(rcode: number): string {
	return RCODES[rcode] ?? EXTENDED[rcode] ?? String(rcode);
}

function flagsOf({ flags }: Message): string {
	return FLAG_NAMES.filter(([, bit]) => (flags & bit) !== 0)
		.map(([name]) => name)
		.join(" ");
}

/** For people. */
function shown(message: Message): string {
	const sections = (["answer", "authority", "additional"] as const).flatMap((section) =>
		[...message[section].values()].map(
			({ key, ttls, data }) => `  ${section} ${key} ttl ${[...ttls].join(",")}: ${[...data].join(" ")}`,
		),
	);
	const options = [...(message.edns?.options ?? [])].map(([code, hex]) => `  option ${code} ${hex}`);
	return [
		`  rcode ${rcodeName(message.rcode)}; flags ${flagsOf(message)}; ${message.length} bytes; ${message.edns === undefined ? "no EDNS" : `EDNS ${message.edns.size}`}`,
		...sections,
		...options,
	].join("\n");
}

/** TTLs: a number, `<=N`, `>=N`, or `*`; a number may have gone down by the seconds that a busy machine really took. */
function ttlFits(pattern: string, ttls: ReadonlySet<number>, passed: number): boolean {
	const [, sign = "", digits = ""] = /^(<=|>=|)(\d+|\*)$/.exec(pattern) ?? [];
	if (digits === "") throw new Error(`${pattern} is no TTL`);
	if (digits === "*") return true;
	const bound = Number(digits);
	return [...ttls].every((ttl) =>
		sign === "<=" ? ttl <= bound : sign === ">=" ? ttl >= bound : ttl <= bound && ttl >= bound - passed,
	);
}

/** Compares a section with what the lines say that it is, whole. */
function sectionFault(
	lines: readonly Block[],
	sets: ReadonlyMap<string, RecordSet>,
	passed: number,
): string | undefined {
	const wanted = new Map<string, Set<string>>();
	for (const line of lines) {
		const words = line.words.slice(1);
		if (words[0] === "none") continue;
		const record = readRecord(words);
		const owner = record.owner.toString("latin1").toLowerCase();
		const key = `${JSON.stringify(owner)} ${record.type} 1`;
		const set = sets.get(key);
		if (set === undefined) return `is not there: ${line.text}`;
		const hex = caseless(record.type, record.data.toString("hex"));
		if (![...set.data].some((own) => caseless(record.type, own) === hex))
			return `has other data: ${line.text}`;
		if (!ttlFits(words[1] ?? "*", set.ttls, passed)) return `has another TTL, ${[...set.ttls]}: ${line.text}`;
		wanted.set(key, (wanted.get(key) ?? new Set()).add(hex));
	}
	for (const [key, { data }] of sets)
		if (data.size !== (wanted.get(key)?.size ?? 0)) return `has more than is expected: ${key}`;
	return undefined;
}

/** Names in data are compared whatever their case, and with them the rest of it, which does no harm here. */
function caseless(type: number, hex: string): string {
	return [2, 5, 6, 12, 15, 33, 39].includes(type)
		? Buffer.from(hex, "hex").toString("latin1").toLowerCase()
		: hex;
}

function ednsFault(message: Message, words: readonly string[]): string | undefined {
	if (words[0] === "none") return message.edns === undefined ? undefined : "EDNS";
	if (message.edns === undefined) return "no EDNS";
	return words[0] === undefined || Number(words[0]) === message.edns.size
		? undefined
		: `size ${message.edns.size}`;
}

function edeFault(message: Message, words: readonly string[]): string | undefined {
	const hex = message.edns?.options.get(EDE);
	if (words[0] === "none") return hex === undefined ? undefined : "an extended error";
	if (hex === undefined) return "no extended error";
	const bytes = Buffer.from(hex, "hex");
	const [code, text] = [bytes.readUInt16BE(0), bytes.toString("utf8", 2)];
	if (code !== Number(words[0])) return `extended error ${code} ${text}`;
	return words[1] === undefined || text.includes(words[1]) ? undefined : `the text ${JSON.stringify(text)}`;
}

/** `option CODE`, `option CODE HEX`, `option CODE N bytes`, `no option CODE`. */
function optionFault(message: Message, words: readonly string[], isWanted: boolean): string | undefined {
	const hex = message.edns?.options.get(Number(words[0]));
	if (!isWanted) return hex === undefined ? undefined : `option ${words[0]} ${hex}`;
	if (hex === undefined) return "no such option";
	if (words[1] === undefined) return undefined;
	if (words[2] === "bytes")
		return hex.length / 2 === Number(words[1]) ? undefined : `${hex.length / 2} bytes`;
	return hex === words[1] ? undefined : hex;
}

function lineFault(line: Block, message: Message): string | undefined {
	const [verb = "", ...words] = line.words;
	switch (verb) {
		case "rcode":
			return rcodeName(message.rcode) === words[0] ? undefined : rcodeName(message.rcode);
		case "flags":
			return flagsOf(message) === words.join(" ") ? undefined : flagsOf(message);
		case "size":
			return message.length <= Number(words[1] ?? words[0]) ? undefined : `${message.length} bytes`;
		case "question": {
			const wire = words[0] === "none" ? "" : nameBytes(words[0] ?? ".").toString("hex");
			const found = message.question.slice(0, Math.max(0, message.question.length - 8));
			return found === wire ? undefined : `question ${found}`;
		}
		case "edns":
			return ednsFault(message, words);
		case "ede":
			return edeFault(message, words);
		case "option":
			return optionFault(message, words, true);
		case "no":
			return optionFault(message, words.slice(1), false);
		case "answer":
		case "authority":
			return undefined;
		default:
			throw new ScriptError(line, "what is to be expected?");
	}
}

/**
 * Throws what differs, with the whole reply.
 *
 * @param reply undefined for silence.
 * @param passed whole seconds of the real clock since the server started, which TTLs may have aged by.
 */
export function expectReply(step: Block, reply: Buffer | undefined, passed: number): void {
	const wantsSilence = step.below.some(({ text }) => text === "silence");
	if (reply === undefined) {
		if (wantsSilence) return;
		throw new ScriptError(step, "no reply came");
	}
	const message = read(reply);
	if (wantsSilence) throw new ScriptError(step, `silence was expected, and this came:\n${shown(message)}\n`);
	for (const line of step.below) {
		const fault = lineFault(line, message);
		if (fault !== undefined) throw new ScriptError(line, `it is ${fault}, in\n${shown(message)}\nexpected`);
	}
	for (const section of SECTIONS) {
		const lines = step.below.filter(({ words }) => words[0] === section);
		const fault = lines.length === 0 ? undefined : sectionFault(lines, message[section], passed);
		if (fault !== undefined)
			throw new ScriptError(step, `the ${section} section ${fault}, in\n${shown(message)}\nafter`);
	}
}
