// The manual page and the completion of shells, made from what the program itself says about its commands.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../prepare.mjs";

/** What `cordon … --help` prints. */
function help(args) {
	const main = join(ROOT, "dist", "src", "main.js");
	const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args, "--help"], {
		encoding: "utf8",
	});
	if (status !== 0) throw new Error(`cordon ${args.join(" ")} --help failed: ${stderr}`);
	return stdout;
}

/** Every command with what it is for and its own usage. */
export function readCommands() {
	const rows = Array.from(help([]).matchAll(/^ {2}([a-z]+) +(.+)$/gm));
	if (rows.length === 0) throw new Error("cordon --help names no commands");
	return rows.map(([, name, about]) => ({ name, about, usage: help([name]).trimEnd() }));
}

function roff(text) {
	return text
		.replace(/\\/g, "\\e")
		.replace(/-/g, "\\-")
		.replace(/^([.'])/gm, "\\&$1");
}

function section(name, body) {
	return `.SH ${name}\n${body.trimEnd()}\n`;
}

const FILES = [
	["/etc/cordon/cordon.yaml", "the configuration; CORDON_CONFIG and \\-\\-config name another one"],
	["/var/lib/cordon", "lists, the compiled blocklist, the pool"],
	[
		"/var/log/cordon",
		"logs of queries, where the configuration names files there; the log of the program is in the journal",
	],
	["/usr/share/doc/cordon", "README.Debian, all documentation, examples of configurations"],
];
const SIGNALS = [
	["SIGHUP", "takes the configuration and the lists anew, in place"],
	["SIGTERM, SIGINT", "finishes the queries in flight, then ends"],
	["SIGUSR2", "starts the program that is on disk now and hands over to it, without a lost query"],
];

function pairs(rows) {
	return rows.map(([name, text]) => `.TP\n.B ${roff(name)}\n${text}`).join("\n");
}

/** `date` is a Date. */
export function manualPage(commands, { version, date }) {
	const list = commands.map(({ name, about }) => `.TP\n.B ${roff(name)}\n${roff(about)}`).join("\n");
	const usages = commands.map(({ name, usage }) => `.SS cordon ${name}\n.nf\n${roff(usage)}\n.fi`).join("\n");
	return [
		`.TH CORDON 1 ${date.toISOString().slice(0, 10)} "cordon ${version}" "User commands"\n`,
		section("NAME", "cordon \\- DNS resolver that blocks malicious domains"),
		section("SYNOPSIS", ".B cordon\n.I COMMAND\n.RI [ OPTIONS ]"),
		section(
			"DESCRIPTION",
			"Cordon answers DNS queries. It checks every question against its blocklist, answers what is blocked by\nitself, and forwards the rest.\nMembers of a community share what they block through a pool.\n.PP\nThe service is\n.BR cordon.service ;\n.B systemctl reload cordon\ntakes a changed configuration over.",
		),
		section("COMMANDS", list),
		section("USAGE OF EACH COMMAND", usages),
		section("FILES", pairs(FILES)),
		section("SIGNALS", pairs(SIGNALS)),
		section(
			"EXIT STATUS",
			"0 when all is well. The usage of a command, and docs/operations.md, name the others.",
		),
		section("SEE ALSO", ".BR systemctl (1),\n.BR journalctl (1),\n.BR dig (1)"),
	].join("");
}

/** For bash: commands first, then the options that their usage names, and files. */
export function bashCompletion(commands) {
	const cases = commands.map(({ name, usage }) => {
		const options = [...new Set(usage.match(/--[a-z][a-z-]*/g) ?? [])].sort();
		return `\t\t${name}) words="${[...options, "--help"].filter((one, i, all) => all.indexOf(one) === i).join(" ")}" ;;`;
	});
	return `# Completion of cordon for bash, made from its usage.
_cordon() {
	local word=\${COMP_WORDS[COMP_CWORD]} words
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "${commands.map(({ name }) => name).join(" ")} --help --version" -- "$word")
		return
	fi
	case \${COMP_WORDS[1]} in
${cases.join("\n")}
		*) return ;;
	esac
	case $word in
		-*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word") ;;
		*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	esac
}
complete -F _cordon cordon
`;
}
