/** `cordon member`: who takes part in the shared pool. */
import type { MemberView } from "../pool/desk.ts";
import { moment, number } from "./pool/layout.ts";
import { type Family, runFamily, type Subcommand, type Terminal } from "./pool/subcommand.ts";
import { table } from "./table.ts";

const add: Subcommand = {
	arguments: "NAME [--role ROLE]",
	help: `Adds a member, and prints its token, once: the pool keeps only the token's hash.

  --role ROLE        contributor (the default), reader or admin`,
	options: { role: { type: "string" } },
	words: [1, 1],
	async run({ typed, connect, say, note, json }) {
		const [name] = typed.words;
		const role = typed.text("role");
		const client = await connect();
		const added = await client.send("/api/v1/members", {
			method: "POST",
			json: { name, ...(role === undefined ? {} : { role }) },
		});
		if (typed.isSet("json")) {
			json(added ?? {});
			return 0;
		}
		note(`${name} is a member now (${String(added?.role)}). Its token, which is not shown again:`);
		say(String(added?.token));
		return 0;
	},
};

const list: Subcommand = {
	arguments: "",
	help: "Shows who takes part, and how much each is trusted on this node.",
	options: {},
	words: [0, 0],
	async run({ typed, connect, say, note, json }) {
		const client = await connect();
		const members = (await client.get("/api/v1/members")).members as readonly MemberView[];
		if (typed.isSet("json")) json(members);
		else {
			const rows = members.map((one) => [
				one.name,
				one.role,
				`weight ${number(one.weight)}`,
				`${number(one.contributions)} contributions`,
				`since ${moment(one.created)}`,
				one.revoked === undefined ? (one.hasToken ? "" : "no token") : `revoked ${moment(one.revoked)}`,
			]);
			for (const row of table(rows)) say(row);
		}
		if (members.length === 0) note("there are no members yet; add one with cordon member add NAME");
		return 0;
	},
};

const revoke: Subcommand = {
	arguments: "NAME",
	help: "Revokes a member: its token is good no longer, and its contributions count no longer.",
	options: {},
	words: [1, 1],
	async run({ typed, connect, say, json }) {
		const [name] = typed.words;
		const client = await connect();
		await client.send(`/api/v1/members/${encodeURIComponent(name)}`, { method: "DELETE" });
		if (typed.isSet("json")) json({ name });
		else say(`revoked ${name}`);
		return 0;
	},
};

const MEMBER: Family = {
	name: "member",
	about: "Who takes part in the shared pool. The server has to run.",
	members: {
		add: { about: "add a member, and print its token", load: async () => add },
		list: { about: "show who takes part", load: async () => list },
		revoke: { about: "let a member take part no longer", load: async () => revoke },
	},
};

/** Runs `cordon member` with the arguments behind it and returns the exit code. Throws ConfigError. */
export function member(argv: readonly string[], terminal: Terminal = process): Promise<number> {
	return runFamily(MEMBER, argv, terminal);
}
