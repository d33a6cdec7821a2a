/** Whether a message can be read, by a reading of RFC 1035 that shares nothing with the program's own. */
import { Packet } from "dns2";
import { expect } from "./campaign.ts";

/** Where the name at `at` ends. `follow`: whether its pointers have to lead to the rest of a name. */
function name(message: Buffer, at: number, what: string, follow: boolean): number {
	let end = -1;
	let length = 0;
	for (let hops = 0; ; hops++) {
		expect(at < message.length, `${what}: the name runs past the end`);
		expect(hops <= 130, `${what}: the name goes in circles`);
		const size = message[at];
		if (size === 0) {
			expect(length < 255, `${what}: the name has ${length + 1} bytes`);
			return end < 0 ? at + 1 : end;
		}
		if (size >= 0xc0) {
			expect(at + 1 < message.length, `${what}: half a pointer`);
			const to = ((size & 0x3f) << 8) | message[at + 1];
			expect(to < at, `${what}: a pointer at ${at} leads to ${to}`);
			if (!follow) return at + 2;
			if (end < 0) end = at + 2;
			at = to;
			continue;
		}
		expect(size < 64, `${what}: a label of type ${size >> 6}`);
		length += size + 1;
		at += size + 1;
	}
}

export interface Anatomy {
	readonly questions: number;
	readonly answers: number;
	readonly additional: number;
	/** Where the question ends. */
	readonly questionEnd: number;
	/** Class field of the OPT record: the sender's payload size; -1 without one. */
	readonly edns: number;
}

/** Throws Broken unless every record is whole, every owner is a name, and nothing is left over. */
export function dissect(message: Buffer, follow = true): Anatomy {
	expect(message.length >= 12, "shorter than a header");
	const [questions, answers, authorities, additional] = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
	let at = 12;
	for (let i = 0; i < questions; i++) at = name(message, at, "the question", follow) + 4;
	expect(at <= message.length, "the question runs past the end");
	const questionEnd = at;
	let edns = -1;
	for (let i = 0; i < answers + authorities + additional; i++) {
		at = name(message, at, `record ${i}`, follow);
		expect(at + 10 <= message.length, `record ${i} runs past the end`);
		if (message.readUInt16BE(at) === 41) edns = message.readUInt16BE(at + 2);
		at += 10 + message.readUInt16BE(at + 8);
		expect(at <= message.length, `the data of record ${i} runs past the end`);
	}
	expect(at === message.length, `${message.length - at} bytes are left over`);
	return { questions, answers, additional, questionEnd, edns };
}

/** dns2 as a second opinion; it reads names of well-known types in the data, too. */
export function readByDns2(message: Buffer): void {
	const packet = Packet.parse(message);
	expect(packet.questions.length === message.readUInt16BE(4), "dns2 reads another number of questions");
}
