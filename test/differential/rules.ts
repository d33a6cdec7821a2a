/** Differences that are meant, each explained in docs/conformance.md under the same name. */
import type { Difference } from "./compare.ts";
import type { Question } from "./questions.ts";
import type { Message } from "./reading.ts";

export interface Case {
	readonly question: Question;
	/** Undefined: silence. */
	readonly cordon: Message | undefined;
	readonly unbound: Message | undefined;
}

export interface Rule {
	/** As the document has it. */
	readonly name: string;
	readonly explains: (difference: Difference, about: Case) => boolean;
}

const FORMERR = 1;
const NOTIMP = 4;
const REFUSED = 5;
const TC = 0x0200;
const CNAME = 5;
const RRSIG = 46;
const NSEC = 47;
const ANY = 255;
const MOST_OVER_UDP = 1232;
/** Code, length, client and server cookie. */
const COOKIE_BYTES = 28;
const EDE = "15";
/** Seconds that a run takes: an RRset that Unbound keeps for all questions is kept for each of them here. */
const RUN = 120;

const SECTIONS = new Set(["answer", "authority", "additional", "ttl"]);

function isError({ cordon, unbound }: Case): boolean {
	return [cordon, unbound].some(
		(reply) => reply !== undefined && [FORMERR, NOTIMP, REFUSED].includes(reply.rcode),
	);
}

/** Whether no record of Cordon's says that it lives longer than Unbound says, but for when it was asked for. */
function livesNoLonger(cordon: Message, unbound: Message): boolean {
	for (const section of ["answer", "authority"] as const)
		for (const [key, { ttls }] of cordon[section]) {
			const theirs = unbound[section].get(key)?.ttls;
			if (theirs !== undefined && Math.max(...ttls) > Math.max(...theirs) + RUN) return false;
		}
	return true;
}

/** In this order: the first that explains a difference is counted. */
export const RULES: readonly Rule[] = [
	{
		name: "a reason for every refusal",
		explains: ({ kind, detail }) => kind === "option" && detail === `${EDE} only from Cordon`,
	},
	{
		name: "Unbound limits its errors",
		explains: ({ kind, detail }, { question, cordon }) =>
			kind === "silence" &&
			detail === "Unbound" &&
			(cordon?.rcode !== 0 || question.oddity === "no question"),
	},
	{
		name: "cookies",
		explains: ({ kind, detail }, { question }) =>
			kind === "option" && detail === "10 only from Cordon" && question.options.includes(10),
	},
	{
		name: "keepalive",
		explains: ({ kind, detail }, { question }) =>
			kind === "option" && detail.startsWith("11 only") && question.options.includes(11),
	},
	{
		name: "errors are built anew",
		explains: ({ kind }, about) =>
			["AA", "RA", "AD", "Z", "CD", "option", "edns", "edns flags", "malformed"].includes(kind) &&
			(isError(about) || kind === "malformed"),
	},
	{
		name: "ANY is answered with HINFO",
		explains: ({ kind }, { question }) =>
			question.type === ANY && (SECTIONS.has(kind) || kind === "rcode" || kind === "TC"),
	},
	{
		name: "records in a question are ignored",
		explains: ({ kind }, { question, unbound }) =>
			(question.oddity === "a record of the answer" || question.oddity === "OPT among the answers") &&
			(unbound === undefined || unbound.rcode === FORMERR) &&
			(kind === "rcode" || kind === "silence" || SECTIONS.has(kind)),
	},
	{
		name: "TC in a question is ignored",
		explains: ({ kind }, { question, unbound }) =>
			(question.flags & TC) !== 0 &&
			(unbound === undefined || unbound.rcode === FORMERR) &&
			(kind === "rcode" ||
				kind === "silence" ||
				kind === "TC" ||
				kind === "edns version" ||
				SECTIONS.has(kind)),
	},
	{
		name: "half an option is an error",
		explains: ({ kind }, { question, cordon }) =>
			question.oddity === "half an option" &&
			cordon?.rcode === FORMERR &&
			(kind === "rcode" || kind === "TC" || SECTIONS.has(kind)),
	},
	{
		name: "NOTIFY is not implemented",
		explains: ({ kind }, { question, cordon }) =>
			kind === "rcode" && question.oddity === "opcode 4" && cordon?.rcode === NOTIMP,
	},
	{
		name: "class ANY is refused",
		explains: ({ kind }, { question, cordon }) =>
			question.oddity === "class ANY" &&
			cordon?.rcode === REFUSED &&
			(kind === "rcode" || kind === "TC" || SECTIONS.has(kind)),
	},
	{
		name: "1232 bytes over UDP",
		explains: ({ kind }, { question, cordon, unbound }) =>
			kind === "TC" &&
			!question.overTcp &&
			((cordon?.flags ?? 0) & TC) !== 0 &&
			(unbound?.length ?? 0) > MOST_OVER_UDP,
	},
	{
		name: "room for a cookie",
		explains: ({ kind }, { question, cordon, unbound }) =>
			kind === "TC" &&
			((cordon?.flags ?? 0) & TC) !== 0 &&
			cordon?.edns?.options.has(10) === true &&
			(unbound?.length ?? 0) + COOKIE_BYTES > Math.max(512, question.ednsSize ?? 0),
	},
	{
		name: "one lifetime for an answer",
		explains: ({ kind }, { cordon, unbound }) =>
			kind === "ttl" && cordon !== undefined && unbound !== undefined && livesNoLonger(cordon, unbound),
	},
	{
		name: "the alias of a DNAME lives as long as that",
		explains: ({ kind }, { question, unbound }) =>
			kind === "ttl" &&
			question.name.includes(".moved.") &&
			[...(unbound?.answer.values() ?? [])].some(({ type, ttls }) => type === CNAME && ttls.has(0)),
	},
	{
		name: "single labels stay here",
		explains: ({ kind }, { question, cordon }) =>
			!question.name.includes(".") &&
			question.name !== "" &&
			cordon !== undefined &&
			cordon.answer.size === 0 &&
			(kind === "authority" || kind === "rcode"),
	},
	{
		name: "RRSIG and NSEC of an alias",
		explains: ({ kind }, { question }) =>
			(question.type === RRSIG || question.type === NSEC) && SECTIONS.has(kind),
	},
	{
		name: "a cookie needs no question",
		explains: ({ kind }, { question, cordon }) =>
			kind === "rcode" &&
			question.oddity === "no question" &&
			question.options.includes(10) &&
			cordon?.rcode === 0,
	},
	{
		name: "the additional section is not passed on",
		explains: ({ kind, detail }) => kind === "additional" && detail.startsWith("only Unbound"),
	},
	{
		name: "a name that is too long is not repeated",
		explains: ({ kind }, { cordon, unbound }) =>
			kind === "question" && unbound !== undefined && cordon?.question === "",
	},
];
