/** dnsmasq configuration: `address=/d/…`, `server=/d/` and `local=/d/`. */
import { isIP } from "node:net";
import type { Rule, Scope } from "../../blocklist/rule.ts";
import { listedName } from "../../wire/domain.ts";
import { excerpt } from "../../wire/excerpt.ts";
import { withoutComment } from "./comment.ts";
import type { Line, LineReader } from "./line.ts";
import { bad, NONE, refused, skipped } from "./outcome.ts";

/** Every name stands for itself and all below it; the address is ignored: a list blocks, it does not redirect. */
export const dnsmasqReader: LineReader = {
	read(line: string): Line {
		const text = withoutComment(line).trim();
		if (text === "") return NONE;
		const match = /^([a-z0-9-]+)(?:\s*=\s*(.*))?$/.exec(text);
		if (match === null) return bad("not a line of dnsmasq's configuration, such as address=/example.org/");
		const [, option = "", value = ""] = match;
		if (option !== "address" && option !== "server" && option !== "local") {
			return skipped(`the option ${excerpt(option, 40)} blocks nothing`);
		}
		if (!value.startsWith("/")) {
			return option === "address"
				? bad("address= needs /name/")
				: skipped("an upstream server for all names");
		}
		return readNames(option, value);
	},
};

function readNames(option: "address" | "server" | "local", value: string): Line {
	const last = value.lastIndexOf("/");
	if (last === 0) return bad(`${option}= needs a slash after the name: ${option}=/example.org/`);
	const target = value.slice(last + 1).trim();
	if (option === "address") {
		// `#` is dnsmasq's word for 0.0.0.0 and ::, no address for NXDOMAIN.
		if (target !== "" && target !== "#" && isIP(target) === 0) {
			return bad(`"${excerpt(target, 80)}" is no IP address; is a slash missing after the last name?`);
		}
	} else if (target !== "") return skipped("forwards a name to another server");
	const rules: Rule[] = [];
	for (const text of value.slice(1, last).split("/")) {
		if (text === "#" || text === "*") return bad(`${option}=/${text}/ would block every name there is`);
		const below = text.startsWith("*.");
		const bare = below ? text.slice(2) : text.replace(/^\./, "");
		if (bare.includes("*")) return skipped("a wildcard within a name");
		const name = listedName(bare);
		if (name === undefined) return refused(bare);
		const scope: Scope = below ? "below" : "subtree";
		rules.push({ name, scope, action: "block" });
	}
	return { kind: "rules", rules };
}
