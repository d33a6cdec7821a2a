/** The question of a `query` step: made, sent, and what came back. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { hostPort } from "../client.ts";
import { streamReply } from "../stream-reply.ts";
import { type Block, ScriptError } from "./script.ts";
import { nameBytes, typeNumber } from "./zone-record.ts";

/** What does not come within this time is silence: only where silence is expected is it waited for so long. */
const SILENCE_MS = 700;
const PATIENCE_MS = 15_000;
const FLAGS: Readonly<Record<string, number>> = {
	aa: 0x0400,
	tc: 0x0200,
	rd: 0x0100,
	ra: 0x0080,
	z: 0x0040,
	ad: 0x0020,
	cd: 0x0010,
	qr: 0x8000,
};
const CLASSES: Readonly<Record<string, number>> = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 };

export interface Asked {
	readonly packet: Buffer;
	readonly overTcp: boolean;
	/** The address that it is sent from. */
	readonly from: string;
}

function words16(...values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 2);
	for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2);
	return bytes;
}

/**
 * `query NAME TYPE [class C] [opcode N] [rd|-rd|ad|cd|…] [edns SIZE] [version N] [do] [option CODE [HEX]] [tcp] [from ADDRESS]`,
 * or `query raw HEX [tcp]`.
 */
export function askedBy(block: Block, id: number): Asked {
	const [, name = ".", type = "A", ...rest] = block.words;
	const overTcp = rest.includes("tcp") || type === "tcp";
	if (name === "raw") {
		const hex = [type, ...rest].filter((word) => word !== "tcp").join("");
		return { packet: Buffer.concat([words16(id), Buffer.from(hex, "hex")]), overTcp, from: "127.0.0.1" };
	}
	let flags = 0x0100;
	let klass = 1;
	let questions = 1;
	let size: number | undefined;
	let version = 0;
	let ednsFlags = 0;
	let from = "127.0.0.1";
	const options: Buffer[] = [];
	for (let i = 0; i < rest.length; i++) {
		const word = rest[i];
		const bit = FLAGS[word.replace("-", "")];
		if (word === "tcp") continue;
		if (bit !== undefined) flags = word.startsWith("-") ? flags & ~bit : flags | bit;
		else if (word === "class") klass = CLASSES[rest[++i]] ?? Number(rest[i]);
		else if (word === "opcode") flags |= Number(rest[++i]) << 11;
		else if (word === "questions") questions = Number(rest[++i]);
		else if (word === "edns") size = Number(rest[++i]);
		else if (word === "version") version = Number(rest[++i]);
		else if (word === "do") ednsFlags |= 0x8000;
		else if (word === "from") from = rest[++i];
		else if (word === "option") {
			const code = Number(rest[++i]);
			const data = /^([0-9a-f]{2})+$/.test(rest[i + 1] ?? "")
				? Buffer.from(rest[++i], "hex")
				: Buffer.alloc(0);
			options.push(Buffer.concat([words16(code, data.length), data]));
		} else throw new ScriptError(block, `what is ${word}?`);
	}
	const spoken = size !== undefined || options.length > 0 || ednsFlags !== 0 || version !== 0;
	const data = Buffer.concat(options);
	const opt = Buffer.concat([
		Buffer.of(0),
		words16(41, size ?? 1232),
		Buffer.of(0, version),
		words16(ednsFlags, data.length),
		data,
	]);
	const question = Buffer.concat([nameBytes(name), words16(typeNumber(type), klass)]);
	return {
		packet: Buffer.concat([
			words16(id, flags, questions, 0, 0, spoken ? 1 : 0),
			...Array.from({ length: questions }, () => question),
			spoken ? opt : Buffer.alloc(0),
		]),
		overTcp,
		from,
	};
}

/** The reply, or undefined for silence. */
export async function exchange(
	server: string,
	asked: Asked,
	expectSilence: boolean,
): Promise<Buffer | undefined> {
	const { address, port } = hostPort(server);
	const patience = expectSilence ? SILENCE_MS : PATIENCE_MS;
	return asked.overTcp
		? streamReply({ host: address, port, localAddress: asked.from }, asked.packet, patience)
		: overUdp(address, port, asked, patience);
}

async function overUdp(
	address: string,
	port: number,
	asked: Asked,
	patience: number,
): Promise<Buffer | undefined> {
	const socket = createSocket("udp4").bind(0, asked.from);
	await once(socket, "listening");
	return new Promise((resolve) => {
		const end = (reply: Buffer | undefined): void => {
			clearTimeout(timer);
			socket.close();
			resolve(reply);
		};
		const timer = setTimeout(() => end(undefined), patience);
		socket.on("message", end);
		socket.send(asked.packet, port, address);
	});
}
