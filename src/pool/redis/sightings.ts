/** Sums of blocked queries, by the hour. */
import type { SightingSum } from "../store.ts";
import { type PipelinedCommand, pipelined } from "./client.ts";
import type { Ground } from "./ground.ts";
import { ADD_SIGHTINGS } from "./lua-read.ts";
import { countOf } from "./meta.ts";
import { serverTime } from "./sweep.ts";

const HOUR_MS = 3_600_000;
const DAYS = 30;
const SUMS_AT_ONCE = 5000;
const DOMAINS_AT_ONCE = 1000;

/** @throws RangeError when one of the sums is none. */
export async function addSightings(
	ground: Ground,
	report: string,
	sums: readonly SightingSum[],
): Promise<void> {
	for (const sum of sums) checkSum(sum);
	for (let at = 0; at < sums.length; at += SUMS_AT_ONCE) {
		const part = sums.slice(at, at + SUMS_AT_ONCE).map((s) => ({ ...s, hour: Math.floor(s.hour / HOUR_MS) }));
		const hours = [...new Set(part.map((sum) => sum.hour))];
		const args = part.flatMap((sum) => [
			2 + hours.indexOf(sum.hour),
			sum.domain,
			sum.network,
			String(sum.count),
		]);
		await ground.write(
			ADD_SIGHTINGS,
			[ground.keys.report(`${at} ${report}`), ...hours.map((hour) => ground.keys.sightings(hour))],
			[DAYS, part.length, ...args],
		);
	}
}

function checkSum({ domain, hour, network, count }: SightingSum): void {
	const sound =
		domain !== "" &&
		/^[^\t\n]+$/.test(network) &&
		Number.isSafeInteger(count) &&
		count >= 0 &&
		Number.isSafeInteger(hour) &&
		hour >= 0;
	if (sound) return;
	throw new RangeError(
		`${JSON.stringify({ domain, hour, network, count })} is no sum of sightings: it needs a domain, a network on one line, an hour in milliseconds, and a count of 0 or more`,
	);
}

export async function readSightings(
	ground: Ground,
	domains: readonly string[],
	since: number,
): Promise<readonly SightingSum[]> {
	if (domains.length === 0) return [];
	const now = await serverTime(ground);
	const first = Math.floor(Math.max(since, now - DAYS * 24 * HOUR_MS) / HOUR_MS);
	// A node whose clock runs ahead is in the next hour already.
	const last = Math.floor(now / HOUR_MS) + 1;
	const hours = Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => first + i);
	if (hours.length === 0) return [];
	const sizes = await ground.link.run((client) =>
		pipelined(
			client,
			hours.map((hour) => ["hlen", ground.keys.sightings(hour)]),
		),
	);
	const wanted = new Set(domains);
	const sums: SightingSum[] = [];
	for (const [i, hour] of hours.entries()) {
		const size = Number(sizes[i]);
		if (size === 0) continue;
		const found = wanted.size <= size ? named(ground, hour, [...wanted]) : whole(ground, hour);
		for await (const [domain, text] of found) {
			if (wanted.has(domain)) sums.push(...sumsOf(domain, hour * HOUR_MS, text));
		}
	}
	return sums;
}

async function* named(
	ground: Ground,
	hour: number,
	domains: readonly string[],
): AsyncIterable<readonly [string, string]> {
	const key = ground.keys.sightings(hour);
	for (let at = 0; at < domains.length; at += DOMAINS_AT_ONCE) {
		const part = domains.slice(at, at + DOMAINS_AT_ONCE);
		const command: PipelinedCommand = ["hmget", key, ...part];
		const [values] = await ground.link.run((client) => pipelined(client, [command]));
		for (const [i, value] of (Array.isArray(values) ? (values as unknown[]) : []).entries()) {
			if (typeof value === "string") yield [part[i], value];
		}
	}
}

async function* whole(ground: Ground, hour: number): AsyncIterable<readonly [string, string]> {
	const key = ground.keys.sightings(hour);
	const told = new Set<string>();
	let cursor = "0";
	do {
		const [next, list] = await ground.link.run((client) => client.hscan(key, cursor, "COUNT", 1000));
		for (let i = 0; i + 1 < list.length; i += 2) {
			// Redis may tell one twice.
			if (told.has(list[i])) continue;
			told.add(list[i]);
			yield [list[i], list[i + 1]];
		}
		cursor = next;
	} while (cursor !== "0");
}

/** A line for each network: its name, a tab, the count. */
function sumsOf(domain: string, hour: number, text: string): SightingSum[] {
	return text.split("\n").flatMap((line) => {
		const [network, digits] = line.split("\t");
		const count = countOf(digits, Number.MAX_SAFE_INTEGER);
		return network === "" || count === undefined ? [] : [{ domain, hour, network, count }];
	});
}
