/** Whom the machine itself asks for names, and whether that goes in a circle. */
import { formatHostPort } from "../../config/address.ts";
import { everyServer } from "../../config/upstream-settings.ts";
import { fault, note, ok, type Said, warning } from "./finding.ts";
import { kernelText } from "./kernel-text.ts";
import { RESOLVED_MEND } from "./known-servers.ts";
import { ownAddresses } from "./own-addresses.ts";
import type { Check, Patient } from "./patient.ts";

/** Where systemd-resolved listens. */
const STUBS: readonly string[] = ["127.0.0.53", "127.0.0.54"];

function nameservers(text: string | undefined): string[] {
	return Array.from((text ?? "").matchAll(/^\s*nameserver\s+([^\s%]+)/gm), ([, address]) => address);
}

/** Addresses that Cordon answers on at the port that a resolver is asked at. */
function ownServers({ settings: { listen } }: Patient): ReadonlySet<string> {
	const own = ownAddresses();
	const all = listen.dns
		.filter(({ port }) => port === 53)
		.flatMap(({ address, family }) => {
			if (address !== "0.0.0.0" && address !== "::") return [address];
			return own.filter((one) => one.family === family).map((one) => one.address);
		});
	return new Set(all);
}

function loops(patient: Patient, ours: ReadonlySet<string>, stubAsks: readonly string[]): Said[] {
	const stub = everyServer(patient.settings.upstreams).find(({ address }) => STUBS.includes(address));
	if (stub === undefined) return [];
	const back = stubAsks.find((address) => ours.has(address));
	if (back !== undefined) {
		return [
			fault(
				`a circle: Cordon asks systemd-resolved (${formatHostPort(stub)}), which asks Cordon (${back})`,
				"upstreams.servers: name the resolvers of your provider or of your choice in place of 127.0.0.53",
			),
		];
	}
	return [
		note(
			`Cordon asks systemd-resolved (${formatHostPort(stub)}), which asks ${stubAsks.join(", ") || "somebody else"}`,
			"upstreams.servers: name those directly, which saves a step",
		),
	];
}

export const NAME_SERVICE: Check = {
	name: "names",
	linux: true,
	async look(patient) {
		const { etc, run, loaded } = patient;
		const ours = ownServers(patient);
		const asked = nameservers(await kernelText(`${etc}/resolv.conf`));
		const stubAsks = nameservers(await kernelText(`${run}/systemd/resolve/resolv.conf`));
		const said = loops(patient, ours, stubAsks);
		const needsNames = loaded.config.lists.some(({ url }) => url !== undefined);
		if (asked.length === 0 && needsNames) {
			const mend = "echo 'nameserver ADDRESS' > /etc/resolv.conf";
			return [...said, warning(`${etc}/resolv.conf names no server: lists by URL cannot be found`, mend)];
		}
		const self = asked.filter((address) => ours.has(address));
		if (asked.length > 0 && self.length === asked.length) {
			said.push(note("this machine asks Cordon itself for names: lists are found only while it answers"));
		}
		const takesStub = patient.settings.listen.dns.some(
			({ address, port }) => port === 53 && (address === "0.0.0.0" || STUBS.includes(address)),
		);
		if (takesStub && asked.some((address) => STUBS.includes(address))) {
			said.push(
				warning(
					`${etc}/resolv.conf leads to systemd-resolved's own listener, which cannot be beside Cordon on port 53`,
					RESOLVED_MEND,
				),
			);
		}
		return said.length > 0 ? said : [ok(`this machine asks ${asked.join(", ") || "nobody"} for names`)];
	},
};
