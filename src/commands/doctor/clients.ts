/** How clients would reach us. */
import { formatHostPort } from "../../config/address.ts";
import { fault, note, ok, type Said, warning } from "./finding.ts";
import { answering, networkSet, type OwnAddress, ownAddresses } from "./own-addresses.ts";
import type { Check, Patient } from "./patient.ts";

const DNS_PORT = 53;
/** Networks that containers and virtual machines of this machine are in. */
const INNER = /^(docker|br-|veth|virbr|cni|flannel|lxc|podman|cali|tun|wg)/;

function unreachable(own: readonly OwnAddress[]): Said {
	const addresses = own.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
	const suggested = addresses.find(({ interface: name, family }) => family === 4 && !INNER.test(name));
	const mend = `listen.dns: ["127.0.0.1:53", "${suggested?.address ?? "ADDRESS"}:53"]`;
	return note("only this machine itself can ask: listen.dns has no other address", mend);
}

export function judgeClients({ settings }: Pick<Patient, "settings">, own: readonly OwnAddress[]): Said[] {
	const { listen, access } = settings;
	const missing = listen.dns.filter(
		({ address }) =>
			address !== "0.0.0.0" &&
			address !== "::" &&
			!address.startsWith("127.") &&
			!own.some((one) => one.address === address),
	);
	const said = missing.map((endpoint) =>
		fault(
			`listen.dns has ${formatHostPort(endpoint)}, which is no address of this machine at present`,
			"ip -br address shows those it has",
		),
	);
	const reached = answering(listen, own);
	if (reached.length === 0) return [...said, unreachable(own)];
	const outer = reached.filter(({ own: { interface: name } }) => !INNER.test(name));
	const shown = (outer.length > 0 ? outer : reached).map(({ own: { address, family }, port }) =>
		formatHostPort({ address, family, port }),
	);
	said.push(ok(`clients can ask ${[...new Set(shown)].join(", ")}`));
	const isAllowed = networkSet(access.allow);
	for (const { own: one } of outer) {
		if (isAllowed(one.address, one.family)) continue;
		said.push(
			warning(
				`the network of ${one.interface} (${one.network}) may not ask: access.allow does not have it`,
				`access.allow: [..., "${one.network}"], unless that is meant`,
			),
		);
	}
	const ports = [...new Set(outer.map(({ port }) => port))];
	if (ports.length > 0 && !ports.includes(DNS_PORT)) {
		said.push(
			note(
				`no address answers on port ${DNS_PORT}, and DHCP and most clients know no other`,
				`listen.dns: ["${outer[0].own.family === 6 ? "[::]" : "0.0.0.0"}:53"]`,
			),
		);
	} else if (outer.length > 0) {
		const handed = outer.filter(({ port }) => port === DNS_PORT).map(({ own: { address } }) => address);
		said.push(
			note(
				`to hand out in DHCP or router advertisements as the only DNS server: ${[...new Set(handed)].join(", ")}`,
			),
		);
	}
	return said;
}

export const CLIENTS: Check = {
	name: "clients",
	look: (patient) => judgeClients(patient, ownAddresses()),
};
