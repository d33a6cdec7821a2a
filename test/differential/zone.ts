/** What both resolvers ask: one zone that has everything below the root, and one that is signed. */

const LONG = "l".repeat(63);
/** Four labels and the rest: 255 bytes on the wire, the longest name there can be. */
const LONGEST = [LONG, LONG, LONG, "m".repeat(48), "zone", "example"].join(".");

function texts(count: number, length: number): string {
	return Array.from({ length: count }, (_, i) => `TXT "${String(i).padStart(length, "t")}"`)
		.map((record, i) => (i === 0 ? record : `\t${record}`))
		.join("\n");
}

function addresses(count: number): string {
	return Array.from({ length: count }, (_, i) => `${i === 0 ? "" : "\t"}A 198.51.100.${i + 1}`).join("\n");
}

/** In nsd's own words. */
export const ROOT_ZONE = `$ORIGIN .
$TTL 3600
@ SOA ns.zone.example. host.zone.example. 1 3600 600 86400 300
@ NS ns.zone.example.
$ORIGIN zone.example.
ns A 127.0.0.1
a A 192.0.2.1
both A 192.0.2.2
both AAAA 2001:db8::2
six AAAA 2001:db8::6
brief 1 A 192.0.2.3
zero 0 A 192.0.2.4
ages 2147483647 A 192.0.2.5
twenty ${addresses(20)}
hundred ${addresses(100)}
large ${texts(10, 200)}
huge ${texts(100, 250)}
text TXT "plain" "second; with \\"quotes\\" and \\200 bytes"
mail MX 10 both
mail MX 20 mail2
mail2 A 192.0.2.6
mail TXT "v=spf1 -all"
_service._tcp SRV 1 2 443 both
pointer PTR both
authority CAA 0 issue "ca.example"
naptr NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@zone.example!" .
https HTTPS 1 . alpn="h2" ipv4hint=192.0.2.7
https A 192.0.2.7
svcb SVCB 0 both
odd TYPE65280 \\# 4 01020304
odd A 192.0.2.8
info HINFO "A" "B"
location LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
keys SSHFP 1 1 0123456789abcdef0123456789abcdef01234567
tls TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
alias CNAME a
alias6 CNAME six
chain1 CNAME chain2
chain2 CNAME chain3
chain3 CNAME both
outward CNAME other.elsewhere.example.
dangling CNAME missing
loop1 CNAME loop2
loop2 CNAME loop1
aliasbig CNAME huge
*.wild A 192.0.2.9
*.wildmail MX 5 both
*.wildalias CNAME a
b.c.ent A 192.0.2.10
moved DNAME target
x.target A 192.0.2.11
y.z.target A 192.0.2.12
MiXeD A 192.0.2.13
under_score A 192.0.2.14
xn--bcher-kva A 192.0.2.15
sub\\.dot A 192.0.2.16
bin\\000ary A 192.0.2.17
${LONGEST}. A 192.0.2.18
$ORIGIN elsewhere.example.
other A 203.0.113.1
`;

/** Signed with NSEC before it is served. */
export const SIGNED_ZONE = `$ORIGIN signed.example.
$TTL 3600
@ SOA ns.zone.example. host.zone.example. 1 3600 600 86400 300
@ NS ns.zone.example.
@ A 192.0.2.20
a A 192.0.2.21
both A 192.0.2.22
both AAAA 2001:db8::22
alias CNAME a
*.wild A 192.0.2.23
text TXT "signed"
`;

const BELOW_ZONE = [
	..."ns a both six brief zero ages twenty hundred large huge text mail mail2 _service._tcp pointer authority".split(
		" ",
	),
	..."naptr https svcb odd info location keys tls alias alias6 chain1 chain2 outward dangling aliasbig".split(
		" ",
	),
	..."w.wild v.w.wild w.wildmail w.wildalias ent c.ent b.c.ent x.moved y.z.moved n.moved moved mixed".split(
		" ",
	),
	..."under_score xn--bcher-kva missing never.missing a.a huge.huge loop1".split(" "),
];

/** As text; the names with bytes that text does not have are in `ODD_NAMES`. */
export const NAMES: readonly string[] = [
	...BELOW_ZONE.map((name) => `${name}.zone.example`),
	..."@ a both alias w.wild text missing x.a"
		.split(" ")
		.map((name) => (name === "@" ? "signed.example" : `${name}.signed.example`)),
	"zone.example",
	"example",
	"other.elsewhere.example",
	"elsewhere.example",
	"nothing.example",
	LONGEST,
];

/** Label by label. */
export const ODD_NAMES: readonly (readonly string[])[] = [
	[],
	["sub.dot", "zone", "example"],
	["bin\0ary", "zone", "example"],
	["\xff\xfe", "zone", "example"],
	["*", "wild", "zone", "example"],
	["*", "zone", "example"],
	["__proto__", "example"],
	["constructor", "zone", "example"],
	[" ", "zone", "example"],
];
