/** `cordon pool`: the shared pool of malicious domains, through the running server. */
import { type Family, runFamily, type Terminal } from "./pool/subcommand.ts";

const POOL: Family = {
	name: "pool",
	about:
		"Gives to the shared pool and takes back, looks at it, and decides what waits. The server has to run.",
	members: {
		add: {
			about: "say that domains are malicious",
			load: async () => (await import("./pool/contribute.ts")).add,
		},
		withdraw: { about: "take that back", load: async () => (await import("./pool/contribute.ts")).withdraw },
		dispute: {
			about: "say that a domain must not be blocked",
			load: async () => (await import("./pool/dispute.ts")).dispute,
		},
		undispute: { about: "take that back", load: async () => (await import("./pool/dispute.ts")).undispute },
		list: { about: "show contributions", load: async () => (await import("./pool/list.ts")).list },
		show: {
			about: "show what is said about a name, and why it is or is not blocked",
			load: async () => (await import("./pool/show.ts")).show,
		},
		held: { about: "show what waits for a person", load: async () => (await import("./pool/held.ts")).held },
		approve: { about: "let it pass", load: async () => (await import("./pool/held.ts")).approve },
		reject: { about: "do not let it pass", load: async () => (await import("./pool/held.ts")).reject },
		import: {
			about: "give a file of contributions or domains",
			load: async () => (await import("./pool/import.ts")).importCommand,
		},
		export: {
			about: "write contributions to a file",
			load: async () => (await import("./pool/export.ts")).exportCommand,
		},
		status: { about: "show how the pool does", load: async () => (await import("./pool/state.ts")).status },
		verify: {
			about: "compare this node's copy with the store",
			load: async () => (await import("./pool/state.ts")).verify,
		},
		restore: {
			about: "put this node's copy back into a store that lost its state",
			load: async () => (await import("./pool/state.ts")).restore,
		},
		sightings: {
			about: "show how often contributions stopped something",
			load: async () => (await import("./pool/records.ts")).sightings,
		},
		audit: { about: "show who did what", load: async () => (await import("./pool/records.ts")).audit },
	},
};

/** Runs `cordon pool` with the arguments behind it and returns the exit code. Throws ConfigError. */
export function pool(argv: readonly string[], terminal: Terminal = process): Promise<number> {
	return runFamily(POOL, argv, terminal);
}
