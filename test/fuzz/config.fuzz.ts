/** Configurations: a good one, or a ConfigError that names its faults; nothing else, whatever the text. */

import { ConfigError } from "../../src/config/fault.ts";
import { parseConfig } from "../../src/config/load.ts";
import { toSettings } from "../../src/config/settings.ts";
import { pick, type Random } from "../bench/domains.ts";
import { below, expect, mutated, steersTerminal } from "./campaign.ts";
import { campaign } from "./led.ts";

const SECTIONS = [
	'listen:\n  dns: ["127.0.0.1:5300", "[::1]:5300"]\n  admin: false\n  udpEngine: dgram\n  udpMaxAnswer: 1400\n  tcp: { maxConnections: 10, idleTimeout: 3s }\n',
	"access:\n  allow: [10.0.0.0/8, fc00::/7, 192.0.2.1]\n",
	"upstreams:\n  servers: [9.9.9.9, tcp://192.0.2.1:53]\n  strategy: strict\n  timeout: 1s\n  attempts: 2\n",
	"blocking:\n  answer: { ipv4: 192.0.2.80, ipv6: 2001:db8::80 }\n  ttl: 1m\n  allow: [a.test, '*.b.test']\n  deny: [c.test]\n  hostsMatch: subtree\n",
	"lists:\n  - { name: one, url: https://lists.example/a, kind: allow, category: phishing, refresh: 6h }\n  - { name: two, file: /dev/null, format: rpz, answer: nxdomain }\n",
	"cache: { size: 1MiB, minTtl: 0s, maxTtl: 1h, failureTtl: 1s }\n",
	"workers: auto\n",
	"log: { level: debug, format: json }\n",
	"metrics: { process: false }\n",
	"dataDir: ./data\n",
];
const WORDS = [
	..."null true ~ 0 -1 1e999 .inf .nan 0x10 99999999999999999999 '' \"\" [] {} [[]] &a *a !!str !!binary !x <<: ? | > - : ,".split(
		" ",
	),
	..."__proto__ constructor toString listen dns upstreams servers blocking lists name url file kind allow deny answer ipv4".split(
		" ",
	),
	..."30s 6h -1s 1.5h 999d 64MiB -1B 1e3GiB 127.0.0.1:53 [::1]:53 :53 256.0.0.1 10.0.0.0/33 ::/129 fe80::1%lo udp://a tls://192.0.2.1 https://x/".split(
		" ",
	),
	..."a.test *.a.test . * bücher.test xn--a 1.2.3.4 auto zero-ip nodata $HOME @ ` % \t \u0000 \ufeff \u2028 ---\n ...\n".split(
		" ",
	),
];

function text(random: Random): string {
	const sections = SECTIONS.filter(() => random() < 0.35);
	let all = sections.sort(() => random() - 0.5).join("");
	for (let i = below(4, random); i > 0; i--) {
		const at = below(all.length + 1, random);
		const word = pick(WORDS, random);
		// In place of a word, or between two.
		const rest = random() < 0.6 ? all.slice(at).replace(/^[^\s,[\]{}]+/, "") : all.slice(at);
		all = all.slice(0, at).replace(random() < 0.6 ? /[^\s,[\]{}]+$/ : /$/, "") + word + rest;
	}
	return all.slice(0, 2000);
}

async function check(input: string): Promise<string> {
	try {
		const config = await parseConfig(input, "/etc/cordon.yaml", {
			machineAddresses: ["192.0.2.9"],
			cwd: "/",
		});
		// What passed has to be usable, and has to survive the way to another thread.
		structuredClone(toSettings(config, 2));
		return "good";
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		expect(error.faults.length > 0 && error.message !== "", "no fault is named");
		for (const fault of error.faults) {
			expect(fault.message !== "", "a fault without a word");
			expect(
				fault.position === undefined || (fault.position.line > 0 && fault.position.column > 0),
				"nowhere",
			);
		}
		expect(!steersTerminal(error.message.replaceAll("\n", "")), "shows what a terminal obeys");
		return "faults";
	}
}

await campaign({
	"nearly right": (random, note) => {
		const input = text(random);
		note(() => JSON.stringify(input));
		return check(input);
	},
	damaged: (random, note) => {
		const bytes = mutated(
			Buffer.from(text(random)),
			SECTIONS.map((one) => Buffer.from(one)),
			random,
		);
		const input = bytes.toString();
		note(() => JSON.stringify(input));
		return check(input);
	},
});
