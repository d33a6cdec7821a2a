import { test } from "tap";
import { covers, type Subnet, SubnetTable } from "../../src/resolve/subnet-table.ts";

/** The first `length` bits of an address, as a number. */
function bits(address: Uint8Array, length: number): bigint {
	const all = Array.from(address).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
	return all >> BigInt(address.length * 8 - length);
}

/** Addresses that agree in many bits, as those of neighbours do. */
function address(size: number): Uint8Array {
	const bytes = new Uint8Array(size).fill(0xaa);
	bytes[Math.floor(Math.random() * size)] = Math.floor(Math.random() * 4) * 64;
	return bytes;
}

test("one number for one prefix, and what lies within what, against plain arithmetic", (t) => {
	const table = new SubnetTable(Math.floor(Math.random() * 2 ** 31), () => t.fail("exhausted"));
	const known = new Map<string, Subnet>();
	for (let round = 0; round < 3000; round++) {
		const family = 1 + (round % 2);
		const size = family === 1 ? 4 : 16;
		const [one, other] = [address(size), address(size)];
		const length = 1 + Math.floor(Math.random() * size * 8);
		const longer = 1 + Math.floor(Math.random() * size * 8);
		const subnet = table.of(family, length, one, 0);
		const key = `${family} ${length} ${bits(one, length)}`;
		const before = known.get(key);
		if (before !== undefined && before.id !== subnet.id) t.fail(`${key} has two numbers`);
		known.set(key, subnet);
		if (table.byId(subnet.id) !== subnet) t.fail(`${key} is not found by its number`);
		const shifted = Buffer.concat([Buffer.of(1, 2, 3), other]);
		const expected = length <= longer && bits(one, length) === bits(other, length);
		if (covers(subnet, family, longer, shifted, 3) !== expected)
			t.fail(`${key} and ${shifted.toString("hex")}/${longer}`);
		if (covers(subnet, 3 - family, 128, Buffer.alloc(19), 3)) t.fail("of another family");
	}
	t.equal(new Set(Array.from(known.values(), ({ id }) => id)).size, known.size);
	t.end();
});

test("more subnets than are kept: the table begins anew, its numbers do not", (t) => {
	const table = new SubnetTable(1, () => t.fail("exhausted"));
	const first = table.of(1, 24, Uint8Array.of(192, 0, 2), 0);
	const ids = new Set<number>();
	for (let i = 0; i < 40_000; i++) ids.add(table.of(1, 24, Uint8Array.of(198, i >> 8, i & 255), 0).id);
	t.equal(ids.size, 40_000);
	t.notOk(ids.has(first.id));
	t.equal(table.byId(first.id), undefined);
	t.ok(table.of(1, 24, Uint8Array.of(192, 0, 2), 0).id > Math.max(...Array.from(ids).slice(-10)));
	t.end();
});
