import fc from "fast-check";
import { test } from "tap";
import { formatMoment, isMilliseconds, parseMoment } from "../../../src/pool/judge/moment.ts";

test("ISO 8601 with its time zone", async (t) => {
	for (const [text, moment] of [
		["1970-01-01T00:00:00Z", 0],
		["2027-01-31T12:00:00Z", Date.UTC(2027, 0, 31, 12)],
		["2027-01-31t12:00:00z", Date.UTC(2027, 0, 31, 12)],
		["2027-01-31T12:00Z", Date.UTC(2027, 0, 31, 12)],
		["2027-01-31T12:00:00.5Z", Date.UTC(2027, 0, 31, 12, 0, 0, 500)],
		["2027-01-31T12:00:00.123456789Z", Date.UTC(2027, 0, 31, 12, 0, 0, 123)],
		["2027-01-31T13:30:00+01:30", Date.UTC(2027, 0, 31, 12)],
		["2027-01-31T13:30:00+0130", Date.UTC(2027, 0, 31, 12)],
		["2027-01-31T07:00:00-05:00", Date.UTC(2027, 0, 31, 12)],
		["2028-02-29T00:00:00Z", Date.UTC(2028, 1, 29)],
	] as const) {
		t.equal(parseMoment(text), moment, text);
	}
});

test("what no calendar has, or has no time zone", async (t) => {
	for (const text of [
		"",
		"tomorrow",
		"2027-01-31",
		"2027-01-31T12:00:00",
		"2027-02-30T12:00:00Z",
		"2027-02-29T12:00:00Z",
		"2027-13-01T12:00:00Z",
		"2027-00-01T12:00:00Z",
		"2027-01-00T12:00:00Z",
		"2027-01-31T24:00:00Z",
		"2027-01-31T12:60:00Z",
		"2027-01-31T12:00:60Z",
		"2027-01-31T12:00:00+24:00",
		"2027-01-31T12:00:00+1:00",
		"2027-01-31 12:00:00Z",
		"27-01-31T12:00:00Z",
		"+012027-01-31T12:00:00Z",
		"1800000000000",
		" 2027-01-31T12:00:00Z",
	]) {
		t.equal(parseMoment(text), undefined, text);
	}
});

test("what is written is read as it was", async (t) => {
	const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
	const same = fc.property(fc.integer({ min: 0, max: last }), (at) => parseMoment(formatMoment(at)) === at);
	t.doesNotThrow(() => fc.assert(same));
});

test("milliseconds, not seconds", async (t) => {
	for (const value of [Date.UTC(2027, 0), 1e11, Date.UTC(9999, 11, 31)])
		t.ok(isMilliseconds(value), `${value}`);
	for (const value of [0, -1, 1_800_000_000, 1.5e12 + 0.5, 1e15, Number.NaN, Number.POSITIVE_INFINITY]) {
		t.notOk(isMilliseconds(value), `${value}`);
	}
});
