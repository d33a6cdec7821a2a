/** A hint at what may keep clients out; rules are not read one by one. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { note, ok, type Said } from "./finding.ts";
import { kernelText } from "./kernel-text.ts";
import { answering, ownAddresses } from "./own-addresses.ts";
import type { Check, Patient } from "./patient.ts";

const run = promisify(execFile);

interface Wall {
	readonly called: string;
	readonly opens: (port: number) => string;
}

const UFW: Wall = { called: "ufw is on", opens: (port) => `ufw allow ${port}` };
const FIREWALLD: Wall = {
	called: "firewalld runs",
	opens: (port) =>
		port === 53
			? "firewall-cmd --permanent --add-service=dns && firewall-cmd --reload"
			: `firewall-cmd --permanent --add-port=${port}/udp --add-port=${port}/tcp && firewall-cmd --reload`,
};
const NFTABLES: Wall = {
	called: "nftables has rules for what comes in",
	opens: (port) => `nft list ruleset shows them; let UDP and TCP to port ${port} in`,
};
const IPTABLES: Wall = {
	called: "iptables has rules",
	opens: (port) =>
		`iptables -I INPUT -p udp --dport ${port} -j ACCEPT && iptables -I INPUT -p tcp --dport ${port} -j ACCEPT`,
};

async function found({ proc, etc, run: runFolder, uid, timeoutMs }: Patient): Promise<Wall | undefined> {
	if (/^ENABLED=yes/m.test((await kernelText(`${etc}/ufw/ufw.conf`)) ?? "")) return UFW;
	if ((await kernelText(`${runFolder}/firewalld.pid`)) !== undefined) return FIREWALLD;
	if (uid === 0) {
		const rules = await run("nft", ["list", "ruleset"], { timeout: timeoutMs }).catch(() => undefined);
		if (rules !== undefined && /hook input/.test(rules.stdout)) return NFTABLES;
	}
	if (/^filter$/m.test((await kernelText(`${proc}/net/ip_tables_names`)) ?? "")) return IPTABLES;
	return undefined;
}

export const FIREWALL: Check = {
	name: "firewall",
	linux: true,
	async look(patient): Promise<readonly Said[]> {
		const reached = answering(patient.settings.listen, ownAddresses());
		if (reached.length === 0) return [ok("nobody elsewhere is to ask")];
		const wall = await found(patient);
		if (wall !== undefined) {
			const { port } = reached[0];
			return [note(`${wall.called}: see that clients get through to port ${port}`, wall.opens(port))];
		}
		return patient.uid === 0
			? [ok("no rules of a firewall were found on this machine")]
			: [note("whether a firewall is in the way, only root can see", "sudo nft list ruleset")];
	},
};
