/**
 * Control frames of Frame Streams: a length of 0, which no data frame has, the length of what follows, a type, and
 * fields. All numbers have 32 bits, the highest byte first.
 */

export const CONTENT_TYPE = "protobuf:dnstap.Dnstap";

export const CONTROL = { accept: 1, start: 2, stop: 3, ready: 4, finish: 5 } as const;

/** What a receiver may send: our bound is that of the first implementation, which all others keep. */
const LONGEST = 512;
const CONTENT_TYPE_FIELD = 1;
const EMPTY = Buffer.alloc(0);

export interface ControlFrame {
	readonly type: number;
	readonly contentTypes: readonly string[];
}

export function controlFrame(type: number, contentType?: string): Buffer {
	const size = contentType === undefined ? 0 : 8 + contentType.length;
	const frame = Buffer.alloc(12 + size);
	frame.writeUInt32BE(4 + size, 4);
	frame.writeUInt32BE(type, 8);
	if (contentType !== undefined) {
		frame.writeUInt32BE(CONTENT_TYPE_FIELD, 12);
		frame.writeUInt32BE(contentType.length, 16);
		frame.write(contentType, 20, "latin1");
	}
	return frame;
}

/** Takes what comes from a receiver piece by piece. Nothing but control frames is read. */
export class ControlFrames {
	#rest: Buffer = EMPTY;

	/**
	 * Calls `take` for each frame that is whole.
	 *
	 * @returns false when what came is no control frame, and nothing behind it can be read.
	 */
	push(piece: Buffer, take: (frame: ControlFrame) => void): boolean {
		let data = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
		while (data.length >= 8) {
			const length = data.readUInt32BE(4);
			if (data.readUInt32BE(0) !== 0 || length < 4 || length > LONGEST) return false;
			if (data.length < 8 + length) break;
			const frame = readControlFrame(data.subarray(8, 8 + length));
			if (frame === undefined) return false;
			data = data.subarray(8 + length);
			take(frame);
		}
		this.#rest = data.length === 0 ? EMPTY : Buffer.from(data);
		return true;
	}
}

function readControlFrame(bytes: Buffer): ControlFrame | undefined {
	const contentTypes: string[] = [];
	let at = 4;
	while (at < bytes.length) {
		if (at + 8 > bytes.length) return undefined;
		const end = at + 8 + bytes.readUInt32BE(at + 4);
		if (end > bytes.length) return undefined;
		if (bytes.readUInt32BE(at) === CONTENT_TYPE_FIELD)
			contentTypes.push(bytes.toString("latin1", at + 8, end));
		at = end;
	}
	return { type: bytes.readUInt32BE(0), contentTypes };
}
