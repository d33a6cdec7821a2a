/** What no ordinary client does, as changes to an ordinary question. */
import { optRecord, wireName, words } from "./packet-parts.ts";
import type { Draft } from "./questions.ts";

/** In place of bytes behind the message: its end is missing. */
export const CUT = Buffer.from("cut");
const NOTHING = Buffer.alloc(0);
const EDNS = optRecord(1232, 0, 0, NOTHING);

type Change = (draft: Draft) => Partial<Draft>;

const opcodes = [1, 2, 3, 4, 5, 6, 15].map((opcode): readonly [string, Change] => [
	`opcode ${opcode}`,
	({ flags }) => ({ flags: flags | (opcode << 11) }),
]);
const classes = (
	[
		["CH", 3],
		["HS", 4],
		["NONE", 254],
		["ANY", 255],
		["0", 0],
		["666", 666],
	] as const
).map(([text, number]): readonly [string, Change] => [`class ${text}`, () => ({ class: number })]);
const types = (
	[
		["0", 0],
		["OPT", 41],
		["TKEY", 249],
		["TSIG", 250],
		["IXFR", 251],
		["AXFR", 252],
		["MAILB", 253],
		["MAILA", 254],
	] as const
).map(([text, number]): readonly [string, Change] => [`type ${text}`, () => ({ type: number })]);

export const ODDITIES: readonly (readonly [string, Change])[] = [
	...opcodes,
	...classes,
	...types,
	["no question", () => ({ questions: 0 })],
	["two questions", () => ({ questions: 2 })],
	["EDNS version 1", () => ({ additional: [optRecord(1232, 1, 0, NOTHING)] })],
	["EDNS version 255", () => ({ additional: [optRecord(1232, 255, 0x8000, NOTHING)] })],
	["two OPTs", () => ({ additional: [EDNS, EDNS] })],
	["OPT among the answers", () => ({ answers: [EDNS] })],
	[
		"OPT of another owner",
		() => ({ additional: [Buffer.concat([wireName(["x"]), words(41, 1232, 0, 0, 0)])] }),
	],
	["half an option", () => ({ additional: [optRecord(1232, 0, 0, words(10, 8, 1))] })],
	["half a question", () => ({ tail: CUT })],
	["bytes behind the end", () => ({ tail: Buffer.from("0000ffee", "hex") })],
	["a response", ({ flags }) => ({ flags: flags | 0x8000 })],
	[
		"a record of the answer",
		() => ({ answers: [Buffer.concat([words(0xc00c, 1, 1, 0, 60, 4), Buffer.of(192, 0, 2, 99)])] }),
	],
];
