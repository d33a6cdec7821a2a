import { test } from "tap";
import { parseTrustAnchor } from "../../src/config/trust-anchor.ts";
import { Budget } from "../../src/dnssec/budget.ts";
import { compareNames, isWithin, lastLabels, type Name } from "../../src/dnssec/canonical-name.ts";
import { hashName } from "../../src/dnssec/nsec3.ts";
import { names, PublicKey, readDelegationSigner, tagOf } from "../../src/dnssec/public-key.ts";
import {
	isExpired,
	isTooEarly,
	readSignature,
	type Signature,
	secondsLeft,
} from "../../src/dnssec/signature.ts";
import { signedData } from "../../src/dnssec/signed-data.ts";
import { hasType, isBitmap } from "../../src/dnssec/type-bitmap.ts";
import { Verifier } from "../../src/dnssec/verifier.ts";
import { EDE } from "../../src/wire/codes.ts";
import { nameFromText, nameToText } from "../../src/wire/name.ts";
import { long, wire, word } from "../wire/message.ts";
import { base32Hex, bitmap, T } from "./zone.ts";

function name(text: string): Name {
	const bytes = nameFromText(text);
	if (bytes === undefined) throw new Error(`no name: ${text}`);
	return bytes;
}

function dataOf(record: string): Uint8Array {
	const anchor = parseTrustAnchor(record);
	if (anchor === undefined) throw new Error(`no record: ${record}`);
	return anchor.data;
}

function keyOf(record: string): PublicKey {
	return new PublicKey(dataOf(record));
}

/** `20100909100439` or seconds. */
function seconds(text: string): number {
	const [year, month, day, hour, minute, second] = (/^(....)(..)(..)(..)(..)(..)$/.exec(text) ?? [])
		.slice(1)
		.map(Number);
	return text.length === 14 ? Date.UTC(year, month - 1, day, hour, minute, second) / 1000 : Number(text);
}

/** The data of an RRSIG record, its fields as a zone file writes them. */
function rrsig(text: string): Buffer {
	const [type, algorithm, labels, ttl, expiration, inception, tag, signer, ...signature] = text.split(/\s+/);
	return Buffer.concat([
		word(Number(type)),
		Buffer.of(Number(algorithm), Number(labels)),
		long(Number(ttl)),
		long(seconds(expiration)),
		long(seconds(inception)),
		word(Number(tag)),
		wire(signer),
		Buffer.from(signature.join(""), "base64"),
	]);
}

function signatureOf(text: string): Signature {
	const signature = readSignature(rrsig(text));
	if (signature === undefined) throw new Error(`no signature: ${text}`);
	return signature;
}

interface Example {
	readonly rfc: string;
	readonly key: string;
	readonly ds?: string;
	readonly tag: number;
	readonly owner: string;
	readonly type: number;
	readonly data: Buffer;
	readonly rrsig: string;
	readonly at: string;
}

const A_1 = Buffer.of(192, 0, 2, 1);
const A_91 = Buffer.of(192, 0, 2, 91);
const MX = Buffer.concat([word(10), wire("mail.example.com")]);

const EXAMPLES: readonly Example[] = [
	{
		rfc: "RFC 5702, section 6.1",
		key: "example.net. 3600 IN DNSKEY 256 3 8 AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=",
		tag: 9033,
		owner: "www.example.net",
		type: T.A,
		data: A_91,
		rrsig:
			"1 8 3 3600 20300101000000 20000101000000 9033 example.net kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==",
		at: "20100101000000",
	},
	{
		rfc: "RFC 5702, section 6.2",
		key: "example.net. 3600 IN DNSKEY 256 3 10 AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1kTg7cV6rklMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL",
		tag: 3740,
		owner: "www.example.net",
		type: T.A,
		data: A_91,
		rrsig:
			"1 10 3 3600 20300101000000 20000101000000 3740 example.net tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw=",
		at: "20100101000000",
	},
	{
		rfc: "RFC 6605, section 6.1",
		key: "example.net. 3600 IN DNSKEY 257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==",
		ds: "example.net. 3600 IN DS 55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17",
		tag: 55648,
		owner: "www.example.net",
		type: T.A,
		data: A_1,
		rrsig:
			"1 13 3 3600 20100909100439 20100812100439 55648 example.net qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==",
		at: "20100901000000",
	},
	{
		rfc: "RFC 6605, section 6.2",
		key: "example.net. 3600 IN DNSKEY 257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40",
		ds: "example.net. 3600 IN DS 10771 14 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6",
		tag: 10771,
		owner: "www.example.net",
		type: T.A,
		data: A_1,
		rrsig:
			"1 14 3 3600 20100909102025 20100812102025 10771 example.net /L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm",
		at: "20100901000000",
	},
	{
		rfc: "RFC 8080, section 6.1, with its erratum",
		key: "example.com. 3600 IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
		ds: "example.com. 3600 IN DS 3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b",
		tag: 3613,
		owner: "example.com",
		type: T.MX,
		data: MX,
		rrsig:
			"15 15 2 3600 1440021600 1438207200 3613 example.com oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==",
		at: "1439000000",
	},
	{
		rfc: "RFC 8080, section 6.2, with its erratum",
		key: "example.com. 3600 IN DNSKEY 257 3 16 3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA",
		ds: "example.com. 3600 IN DS 9713 16 2 6ccf18d5bc5d7fc2fceb1d59d17321402f2aa8d368048db93dd811f5cb2b19c7",
		tag: 9713,
		owner: "example.com",
		type: T.MX,
		data: MX,
		rrsig:
			"15 16 2 3600 1440021600 1438207200 9713 example.com 3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXft0+Gj7FSvOKxE/07+4RQvE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA",
		at: "1439000000",
	},
];

for (const example of EXAMPLES) {
	test(`${example.rfc}: key tag, digest and signature`, async (t) => {
		const key = keyOf(example.key);
		const zone = name(example.key.split(" ")[0]);
		t.equal(key.tag, example.tag);
		if (example.ds !== undefined) {
			const signer = readDelegationSigner(dataOf(example.ds));
			t.ok(signer !== undefined && names(signer, zone, key));
		}
		const set = {
			owner: name(example.owner),
			type: example.type,
			isAnswer: true,
			ttl: 3600,
			data: [Uint8Array.from(example.data)],
			signatures: [signatureOf(example.rrsig)],
			records: [],
		};
		const check = (at: number, own = set) => new Verifier(() => at).check(own, zone, [key], new Budget());
		t.type(await check(seconds(example.at)), "object");
		const other = { ...set, owner: name(`x${example.owner}`) };
		t.equal(await check(seconds(example.at), other), EDE.DNSSEC_BOGUS, "another owner");
		t.equal(await check(seconds("20380101000000")), EDE.SIGNATURE_EXPIRED);
		t.equal(await check(seconds("19990101000000")), EDE.SIGNATURE_NOT_YET_VALID);
	});
}

test("RFC 4509, section 2.3: digest of type 2", (t) => {
	const key = keyOf(
		"dskey.example.com. 86400 IN DNSKEY 256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==",
	);
	t.equal(key.tag, 60485);
	const signer = readDelegationSigner(
		dataOf(
			"dskey.example.com. DS 60485 5 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A",
		),
	);
	t.ok(signer !== undefined && names(signer, name("dskey.example.com"), key));
	t.equal(tagOf(key.data), 60485);
	t.end();
});

test("RFC 4034, section 6.1: canonical order", (t) => {
	const sorted = [
		"example",
		"a.example",
		"yljkjljk.a.example",
		"Z.a.example",
		"zABC.a.EXAMPLE",
		"z.example",
		"\\001.z.example",
		"*.z.example",
		"\\200.z.example",
	].map(name);
	const shuffled = sorted.toReversed().toSorted(compareNames);
	t.same(
		shuffled.map((one) => nameToText(one)),
		sorted.map((one) => nameToText(one)),
	);
	t.equal(compareNames(name("."), name("example")) < 0, true);
	t.ok(isWithin(name("a.example"), name(".")));
	t.notOk(isWithin(name("aexample"), name("example")));
	t.equal(nameToText(lastLabels(name("a.b.example"), 2)), "b.example");
	t.end();
});

test("RFC 5155, appendix A: hashed names", (t) => {
	const salt = Buffer.from("aabbccdd", "hex");
	for (const [text, hash] of [
		["example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"],
		["a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl"],
		["ai.example", "gjeqe526plbf1g8mklp59enfd789njgi"],
		["ns1.example", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"],
		["ns2.example", "q04jkcevqvmu85r014c7dkba38o0ji5r"],
		["w.example", "k8udemvp1j2f7eg6jebps17vp3n8i58h"],
		["*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"],
		["x.w.example", "b4um86eghhds6nea196smvmlo4ors995"],
		["y.w.example", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"],
		["x.y.w.example", "2vptu5timamqttgl4luu9kg21e0aor3s"],
		["xx.example", "t644ebqk9bibcna874givr6joj62mlhv"],
	])
		t.equal(base32Hex(Buffer.from(hashName(name(text), salt, 12))), hash, text);
	t.end();
});

test("RFC 4034, section 3.1.5: times go round, as serial numbers do", (t) => {
	const at = (expiration: number, inception: number) => ({
		...signatureOf("1 13 2 60 0 0 1 example AAAA"),
		expiration: expiration >>> 0,
		inception: inception >>> 0,
	});
	const around = at(2 ** 32 + 1000, 2 ** 32 - 1000);
	t.notOk(isExpired(around, 2 ** 32) || isTooEarly(around, 2 ** 32), "in 2106");
	t.equal(secondsLeft(around, 2 ** 32), 1000);
	t.ok(isExpired(around, 2 ** 32 + 1001));
	t.ok(isTooEarly(around, 2 ** 32 - 1001));
	t.notOk(isExpired(around, 2 ** 32 + 1000), "to the second");
	t.end();
});

test("RFC 4034, section 3.1.3: an expanded name is signed as its wildcard", (t) => {
	const signature = { ...signatureOf("1 13 2 60 0 0 1 example AAAA"), labels: 2 };
	const set = { type: T.A, data: [A_1] };
	const expanded = signedData({ ...set, owner: name("a.b.w.example") }, signature);
	t.same(expanded, signedData({ ...set, owner: name("*.w.example") }, signature));
	t.equal(signedData({ ...set, owner: name("example") }, signature), undefined, "not for a shorter name");
	t.end();
});

test("RFC 4034, section 4.1.2: bitmaps of types", (t) => {
	const bytes = bitmap([1, 15, 46, 47, 1234]);
	t.ok(isBitmap(bytes));
	t.same(
		[1, 15, 46, 47, 1234].map((type) => hasType(bytes, type)),
		[true, true, true, true, true],
	);
	t.same(
		[0, 2, 48, 255, 1235, 65_535].map((type) => hasType(bytes, type)),
		[false, false, false, false, false, false],
	);
	for (const bad of [[0], [0, 0], [0, 33], [0, 2, 1], [1, 1, 1, 0, 1, 1], [0, 1, 1, 0, 1, 1]])
		t.notOk(isBitmap(Uint8Array.from(bad)), bad.join(" "));
	t.end();
});
