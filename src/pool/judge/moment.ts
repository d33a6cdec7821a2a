/** Moments as ISO 8601 and RFC 3339 write them. */

const MOMENT =
	/^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d\d):?(\d\d))$/i;

export const MOMENT_RULE =
	"must be a moment with its time zone, such as 2027-01-31T12:00:00Z or 2027-01-31T13:00:00+01:00, or milliseconds since 1970";

/** A time before 1973 in milliseconds is one of our days in seconds. */
const LEAST_MILLISECONDS = 1e11;
/** The last moment of the year 9999, as in text. */
const MOST_MILLISECONDS = 253_402_300_799_999;

/** Milliseconds since the epoch; undefined when it is none, or one that no calendar has. */
export function parseMoment(text: string): number | undefined {
	const match = MOMENT.exec(text);
	if (match === null) return undefined;
	const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
	const milliseconds = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
	if (hour > 23 || minute > 59 || second > 59) return undefined;
	const [offsetHours, offsetMinutes] = match.slice(10, 12).map((part) => Number(part ?? 0));
	if (offsetHours > 23 || offsetMinutes > 59) return undefined;
	const local = new Date(0);
	// Date.UTC would take the years 0 to 99 for those of the last century.
	local.setUTCFullYear(year, month - 1, day);
	local.setUTCHours(hour, minute, second, milliseconds);
	// The 30th of February would quietly become a day in March.
	if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined;
	const offset = (offsetHours * 60 + offsetMinutes) * 60_000;
	return local.getTime() - (match[9] === "-" ? -offset : offset);
}

/** `2027-01-31T12:00:00Z`; parts of a second only when there are any. */
export function formatMoment(moment: number): string {
	return new Date(moment).toISOString().replace(".000Z", "Z");
}

/** Whether a number is meant to be, and can be, milliseconds since the epoch. */
export function isMilliseconds(value: number): boolean {
	return Number.isInteger(value) && value >= LEAST_MILLISECONDS && value <= MOST_MILLISECONDS;
}
