import t from "tap";
import { formatServer, parseServer } from "../../../src/commands/lookup/server.ts";

const SERVERS: readonly (readonly [typed: string, want: string])[] = [
	["192.0.2.1", "udp://192.0.2.1:53"],
	["192.0.2.1:5300", "udp://192.0.2.1:5300"],
	["2001:db8::1", "udp://[2001:db8::1]:53"],
	["[2001:db8::1]:5300", "udp://[2001:db8::1]:5300"],
	["dns.example.org", "udp://dns.example.org:53"],
	["UDP://192.0.2.1", "udp://192.0.2.1:53"],
	["tcp://192.0.2.1", "tcp://192.0.2.1:53"],
	["tls://dns.example.org", "tls://dns.example.org:853"],
	["tls://[2001:db8::1]", "tls://[2001:db8::1]:853"],
	["tls://2001:db8::1", "tls://[2001:db8::1]:853"],
	["tls://dns.example.org:443", "tls://dns.example.org:443"],
	["https://dns.example.org", "https://dns.example.org:443/dns-query"],
	["https://dns.example.org/", "https://dns.example.org:443/dns-query"],
	["https://dns.example.org:8443/q?token=1", "https://dns.example.org:8443/q?token=1"],
	["https://dns.example.org/dns-query{?dns}", "https://dns.example.org:443/dns-query"],
	["https://dns.bücher.example", "https://dns.xn--bcher-kva.example:443/dns-query"],
];

t.test("servers that are understood", async (t) => {
	for (const [typed, want] of SERVERS) t.equal(formatServer(parseServer(typed)), want, typed);
});

t.test("servers that are not", async (t) => {
	t.throws(() => parseServer("quic://192.0.2.1"), {
		message: /--server "quic:\/\/192.0.2.1": quic:\/\/ is not spoken; write udp:/,
	});
	t.throws(() => parseServer("http://192.0.2.1"), { message: /http:\/\/ is not spoken/ });
	t.throws(() => parseServer("tls://192.0.2.1/dns-query"), {
		message: /a path has a meaning only with https/,
	});
	t.throws(() => parseServer("192.0.2.1:0"), { message: /no port 0/ });
	t.throws(() => parseServer("udp://192.0.2.1:70000"), { message: /no port 70000/ });
	t.throws(() => parseServer("https://me@192.0.2.1"), { message: /user name/ });
	t.throws(() => parseServer("a b"), { message: /not a host/ });
	t.throws(() => parseServer(""), { message: /not a host/ });
});
