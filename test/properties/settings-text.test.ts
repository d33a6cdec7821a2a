/** Durations, sizes, addresses and prefixes as people write them. */
import fc from "fast-check";
import { test } from "tap";
import { formatHostPort, parseHostPort, parsePrefix, parseUpstream } from "../../src/config/address.ts";
import { parseDuration, parseSize } from "../../src/config/units.ts";

const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;
const SIZES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;
const port = fc.integer({ min: 1, max: 65_535 });
const address = fc.oneof(fc.ipV4(), fc.ipV6());

test("durations and sizes", (t) => {
	fc.assert(
		fc.property(fc.nat(1_000_000), fc.constantFrom("ms", "s", "m", "h", "d"), (count, unit) => {
			const seconds = parseDuration(`${count}${unit}`);
			return seconds !== undefined && Math.abs(seconds - count * UNITS[unit as keyof typeof UNITS]) < 1e-6;
		}),
	);
	fc.assert(
		fc.property(
			fc.nat(100_000),
			fc.constantFrom("B", "KiB", "MiB", "GiB"),
			(count, unit) => parseSize(`${count}${unit}`) === count * SIZES[unit as keyof typeof SIZES],
		),
	);
	t.end();
});

test("an address and a port, as text and back again", (t) => {
	fc.assert(
		fc.property(address, port, (host, at) => {
			const read = parseHostPort(host.includes(":") ? `[${host}]:${at}` : `${host}:${at}`, 53);
			if (read === undefined || read.port !== at) return false;
			t.same(parseHostPort(formatHostPort(read), 53), read);
			return true;
		}),
	);
	t.end();
});

test("any text is read or refused, never anything else", (t) => {
	const text = fc.oneof(
		fc.string({ unit: "binary" }),
		fc.stringMatching(/^(udp|tcp|tls|https)?:?\/?\/?\[?[0-9a-f:.%]*\]?:?[0-9]*\/?[0-9]*$/),
	);
	fc.assert(
		fc.property(text, (written) => {
			for (const number of [parseDuration(written), parseSize(written)])
				if (number !== undefined && !(number >= 0 && Number.isFinite(number))) return false;
			const prefix = parsePrefix(written);
			if (prefix !== undefined && (prefix.length < 0 || prefix.length > prefix.bytes.length * 8))
				return false;
			const hosts = [parseHostPort(written, 53), parseUpstream(written)];
			return hosts.every((host) => host === undefined || (host.port >= 0 && host.port <= 65_535));
		}),
		{ numRuns: 3000 },
	);
	t.end();
});
