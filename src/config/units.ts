/** Durations and sizes as people write them in the configuration: `30s`, `6h`, `64MiB`. */

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = {
	ms: 0.001,
	s: 1,
	m: 60,
	h: 3600,
	d: 86_400,
	w: 604_800,
};

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
	B: 1,
	KiB: 1024,
	MiB: 1024 ** 2,
	GiB: 1024 ** 3,
	KB: 1000,
	MB: 1000 ** 2,
	GB: 1000 ** 3,
};

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
	const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
	if (match === null || !Object.hasOwn(units, match[2])) return undefined;
	return Number(match[1]) * units[match[2]];
}

/** Seconds in a duration such as `500ms`, `30s`, `6h`, `1d`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
	return amount(text, SECONDS_PER_UNIT);
}

/** Whole bytes in a size such as `512KiB` or `64MiB`; undefined when it is none. */
export function parseSize(text: string): number | undefined {
	const bytes = amount(text, BYTES_PER_UNIT);
	return bytes === undefined ? undefined : Math.round(bytes);
}
