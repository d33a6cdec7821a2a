/** SipHash-2-4 against the vectors of its authors. */
import { test } from "tap";
import { SIPHASH_BYTES, SipHash } from "../../src/wire/siphash.ts";

/** Key 00 01 … 0f; the message of n bytes is 00 01 … n-1. From vectors.h of the reference implementation. */
const VECTORS = `
310e0edd47db6f72 fd67dc93c539f874 5a4fa9d909806c0d 2d7efbd796666785 b7877127e09427cf 8da699cd64557618 cee3fe586e46c9cb 37d1018bf50002ab
6224939a79f5f593 b0e4a90bdf82009e f3b9dd94c5bb5d7a a7ad6b22462fb3f4 fbe50e86bc8f1e75 903d84c02756ea14 eef27a8e90ca23f7 e545be4961ca29a1
db9bc2577fcc2a3f 9447be2cf5e99a69 9cd38d96f0b3c14b bd6179a71dc96dbb 98eea21af25cd6be c7673b2eb0cbf2d0 883ea3e395675393 c8ce5ccd8c030ca8
94af49f6c650adb8 eab8858ade92e1bc f315bb5bb835d817 adcf6b0763612e2f a5c91da7acaa4dde 716595876650a2a6 28ef495c53a387ad 42c341d8fa92d832
ce7cf2722f512771 e37859f94623f3a7 381205bb1ab0e012 ae97a10fd434e015 b4a31508beff4d31 81396229f0907902 4d0cf49ee5d4dcca 5c73336a76d8bf9a
d0a704536ba93e0e 925958fcd6420cad a915c29bc8067318 952b79f3bc0aa6d4 f21df2e41d4535f9 87577519048f53a9 10a56cf5dfcd9adb eb75095ccd986cd0
51a9cb9ecba312e6 96afadfc2ce666c7 72fe52975a4364ee 5a1645b276d592a1 b274cb8ebf87870a 6f9bb4203de7b381 eaecb2a30b22a87f 9924a43cc1315724
bd838d3aafbf8db7 0b1a2a3265d51aea 135079a3231ce660 932b2846e4d70666 e1915f5cb1eca46c f325965ca16d629f 575ff28e60381be5 724506eb4c328a95`
	.trim()
	.split(/\s+/);

const upTo = (count: number) => Uint8Array.from({ length: count }, (_, i) => i);

test("the vectors of the reference implementation", (t) => {
	t.equal(VECTORS.length, 64);
	const hash = new SipHash(upTo(16));
	const out = new Uint8Array(SIPHASH_BYTES);
	for (const [length, expected] of VECTORS.entries()) {
		hash.digest(upTo(length), length, out, 0);
		t.equal(Buffer.from(out).toString("hex"), expected, `${length} bytes`);
	}
	t.end();
});

test("the hash goes where it is told, and of the message only what it is told counts", (t) => {
	const hash = new SipHash(upTo(16));
	const out = new Uint8Array(SIPHASH_BYTES + 6).fill(0xee);
	hash.digest(upTo(100), 20, out, 3);
	t.equal(Buffer.from(out).toString("hex"), `eeeeee${VECTORS[20]}eeeeee`);
	t.end();
});

test("keys with high bits, against numbers of 64 bits", (t) => {
	let seed = 1;
	const random = () => {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
		return (seed >>> 24) & 255;
	};
	for (let round = 0; round < 200; round++) {
		const key = Uint8Array.from({ length: 16 }, random);
		const message = Uint8Array.from({ length: random() % 40 }, random);
		const out = new Uint8Array(SIPHASH_BYTES);
		new SipHash(key).digest(message, message.length, out, 0);
		if (Buffer.from(out).readBigUInt64LE() !== reference(key, message)) {
			t.fail(`${Buffer.from(key).toString("hex")} ${Buffer.from(message).toString("hex")}`);
		}
	}
	t.pass("200 keys and messages");
	t.end();
});

/** As the paper writes it. */
function reference(key: Uint8Array, message: Uint8Array): bigint {
	const word = (bytes: Uint8Array, at: number) => Buffer.from(bytes).readBigUInt64LE(at);
	const cut = (value: bigint) => BigInt.asUintN(64, value);
	const turned = (value: bigint, by: bigint) => cut((value << by) | (value >> (64n - by)));
	const [k0, k1] = [word(key, 0), word(key, 8)];
	let [v0, v1] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn];
	let [v2, v3] = [k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
	const rounds = (count: number) => {
		for (let i = 0; i < count; i++) {
			v0 = cut(v0 + v1);
			v1 = turned(v1, 13n) ^ v0;
			v0 = turned(v0, 32n);
			v2 = cut(v2 + v3);
			v3 = turned(v3, 16n) ^ v2;
			v0 = cut(v0 + v3);
			v3 = turned(v3, 21n) ^ v0;
			v2 = cut(v2 + v1);
			v1 = turned(v1, 17n) ^ v2;
			v2 = turned(v2, 32n);
		}
	};
	const whole = Math.floor(message.length / 8) * 8;
	const last = new Uint8Array(8);
	last.set(message.subarray(whole));
	last[7] = message.length;
	for (let at = 0; at <= whole; at += 8) {
		const m = at < whole ? word(message, at) : word(last, 0);
		v3 ^= m;
		rounds(2);
		v0 ^= m;
	}
	v2 ^= 0xffn;
	rounds(4);
	return v0 ^ v1 ^ v2 ^ v3;
}
