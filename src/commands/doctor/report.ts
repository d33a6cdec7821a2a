/** What the doctor prints. */
import { printable } from "../../observe/printable.ts";
import { type Finding, LEVELS, type Level, worst } from "./finding.ts";

export interface DoctorReport {
	/** The configuration that was looked at. */
	readonly config: string;
	readonly version: string;
	readonly worst: Level;
	readonly findings: readonly Finding[];
}

export function reportOf(config: string, version: string, findings: readonly Finding[]): DoctorReport {
	return { config, version, worst: worst(findings), findings };
}

function summary(findings: readonly Finding[]): string {
	const parts = LEVELS.toReversed().flatMap((level) => {
		const count = findings.filter((finding) => finding.level === level).length;
		if (count === 0) return [];
		return [level === "ok" ? `${count} ok` : `${count} ${level}${count === 1 ? "" : "s"}`];
	});
	return parts.join(", ");
}

/** Wide enough for every level and every check. */
const WIDTHS = { level: 7, check: 13 } as const;

/** For people: a line each, and how it is mended below it. Of `ok`, only when all is wanted. */
export function printReport({ findings, config, version }: DoctorReport, all: boolean): string {
	const shown = all ? findings : findings.filter(({ level }) => level !== "ok");
	const indent = " ".repeat(WIDTHS.level + WIDTHS.check + 2);
	const lines = shown.flatMap(({ check, level, text, mend }) => [
		`${level.padEnd(WIDTHS.level)} ${check.padEnd(WIDTHS.check)} ${text}`,
		...(mend === undefined ? [] : [`${indent}→ ${mend}`]),
	]);
	lines.push(`Cordon ${version}, ${config}: ${summary(findings)}`);
	// Some of it came over the network, and goes to a terminal.
	return `${lines.map(printable).join("\n")}\n`;
}
