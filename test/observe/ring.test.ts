import { once } from "node:events";
import { isDeepStrictEqual } from "node:util";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import t from "tap";
import { createRing, RingReader, RingWriter } from "../../src/observe/ring.ts";

const SIZE = 512;

type Step = { readonly write: number } | { readonly read: number } | { readonly abandon: number } | "again";

const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ write: fc.integer({ min: 0, max: SIZE / 2 - 8 }) }) },
	{ weight: 3, arbitrary: fc.record({ read: fc.integer({ min: 1, max: SIZE * 2 }) }) },
	{ weight: 1, arbitrary: fc.record({ abandon: fc.integer({ min: 0, max: 60 }) }) },
	{ weight: 1, arbitrary: fc.constant<Step>("again") },
);

/** Moves both positions so far that they wrap soon. */
function advanced(memory: SharedArrayBuffer, by: number): SharedArrayBuffer {
	const header = new Int32Array(memory, 0, 32);
	for (const field of [0, 16]) header[field] = by;
	return memory;
}

t.test("any sequence of writes and reads gives the records that had room, in their order", async () => {
	fc.assert(
		fc.property(
			fc.array(step, { maxLength: 200 }),
			fc.constantFrom(0, 8 * 37, -512, 2 ** 31 - 512),
			(steps, start) => {
				const memory = advanced(createRing(SIZE), start);
				let writer = new RingWriter(memory);
				let reader = new RingReader(memory);
				const expected: { readonly kind: number; readonly bytes: number[] }[] = [];
				const got: typeof expected = [];
				let number = 0;
				let dropped = 0;
				const read = (most: number) =>
					reader.read((kind, at, end) => {
						got.push({ kind, bytes: Array.from(reader.bytes.subarray(at, end)) });
					}, most);
				const begin = (length: number): number => {
					const at = writer.begin(length);
					if (at >= 0) for (let i = 0; i < length; i++) writer.bytes[at + i] = number + i;
					return at;
				};
				for (const step of steps) {
					if (step === "again") {
						// Whoever takes over, on either side, goes on where the one before had been.
						writer = new RingWriter(memory);
						reader = new RingReader(memory);
					} else if ("read" in step) {
						read(step.read);
					} else if ("abandon" in step) {
						begin(step.abandon);
					} else if (begin(step.write) < 0) {
						dropped++;
					} else {
						writer.commit(++number, step.write);
						expected.push({
							kind: number,
							bytes: Array.from({ length: step.write }, (_, i) => (number - 1 + i) & 0xff),
						});
					}
				}
				while (reader.waiting > 0) read(SIZE);
				const writes = steps.filter((one) => typeof one === "object" && "write" in one).length;
				return isDeepStrictEqual(got, expected) && got.length + dropped === writes;
			},
		),
		{ numRuns: 300 },
	);
});

t.test("what is full takes no more, and takes it again once there is room", async (t) => {
	const memory = createRing(64);
	const writer = new RingWriter(memory);
	const reader = new RingReader(memory);
	for (const kind of [1, 2]) {
		t.not(writer.begin(24), -1);
		writer.commit(kind, 24);
	}
	t.equal(writer.begin(0), -1);
	t.equal(
		reader.read(() => {}, 1),
		1,
		"no more than asked for",
	);
	t.not(writer.begin(24), -1);
});

t.test("a record that its reader cannot bear is gone all the same", async (t) => {
	const memory = createRing(256);
	const writer = new RingWriter(memory);
	const reader = new RingReader(memory);
	for (const kind of [1, 2]) {
		writer.begin(8);
		writer.commit(kind, 8);
	}
	t.throws(
		() =>
			reader.read(() => {
				throw new Error("unbearable");
			}, 1000),
		{ message: "unbearable" },
	);
	const kinds: number[] = [];
	reader.read((kind) => kinds.push(kind), 1000);
	t.strictSame(kinds, [2]);
});

t.test("nonsense in the memory loses what was in it, and no more", async () => {
	fc.assert(
		fc.property(fc.int32Array({ minLength: 128, maxLength: 128 }), fc.integer(), (noise, head) => {
			const memory = createRing(512);
			new Int32Array(memory, 128).set(noise);
			const header = new Int32Array(memory, 0, 32);
			header[0] = head & ~7;
			header[16] = (head - (Math.abs(head) % 65) * 8) & ~7;
			const reader = new RingReader(memory);
			for (let i = 0; i < 100 && reader.waiting > 0; i++) {
				reader.read((_, at, end) => {
					if (at < 0 || end < at || end > 512) throw new Error(`${at} to ${end}`);
				}, 100);
			}
			const writer = new RingWriter(memory);
			writer.begin(16);
			writer.commit(7, 16);
			const kinds: number[] = [];
			reader.read((kind) => kinds.push(kind), 512);
			return reader.waiting === 0 && kinds.length === 1 && kinds[0] === 7;
		}),
	);
});

t.test("a size that is no power of two is a fault of ours", async (t) => {
	for (const bytes of [0, 63, 100, 2 ** 31]) t.throws(() => createRing(bytes), RangeError);
});

t.test("two threads at once lose nothing that had room", async (t) => {
	const COUNT = 200_000;
	const memory = createRing(16_384);
	const source = `
		const { workerData } = require("node:worker_threads");
		import(workerData.module).then(({ RingWriter }) => {
			const writer = new RingWriter(workerData.memory);
			let dropped = 0;
			for (let i = 0; i < workerData.count; i++) {
				const length = 8 + (i % 40);
				const at = writer.begin(length);
				if (at < 0) { dropped++; continue; }
				writer.longs[at >>> 2] = i;
				for (let j = 4; j < length; j++) writer.bytes[at + j] = i + j;
				writer.commit(1, length);
			}
			require("node:worker_threads").parentPort.postMessage(dropped);
		});`;
	const thread = new Worker(source, {
		eval: true,
		workerData: {
			memory,
			count: COUNT,
			module: new URL("../../src/observe/ring.js", import.meta.url).href,
		},
	});
	const reader = new RingReader(memory);
	let read = 0;
	let last = -1;
	let wrong = 0;
	const each = (_: number, at: number, end: number) => {
		const number = reader.longs[at >>> 2];
		if (number <= last || end - at !== 8 + (number % 40)) wrong++;
		for (let i = 4; i < end - at; i++) if (reader.bytes[at + i] !== ((number + i) & 0xff)) wrong++;
		last = number;
		read++;
	};
	let isOver = false;
	const over = once(thread, "message").then(([dropped]) => {
		isOver = true;
		return dropped as number;
	});
	while (!isOver) {
		reader.read(each, 1 << 20);
		await new Promise((resolve) => setImmediate(resolve));
	}
	reader.read(each, 1 << 20);
	t.equal(wrong, 0);
	t.equal(read + (await over), COUNT);
	t.not(read, 0);
});
