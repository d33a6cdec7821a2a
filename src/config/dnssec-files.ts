/** The file that `dnssec.trustAnchorsFile` names, and faults that one key alone does not show. */
import { resolve } from "node:path";
import type { Conflict } from "./conflict.ts";
import { valueAt } from "./issue.ts";
import { textOf } from "./pool-files.ts";
import type { Config } from "./schema.ts";
import { parseTrustAnchor, trustAnchorLines } from "./trust-anchor.ts";

type DnssecConfig = Config["dnssec"];

/** Throws an Error whose message goes on from the name of the key. */
function anchorsIn(path: string): readonly string[] {
	const lines = trustAnchorLines(textOf(path));
	if (lines.length === 0) throw new Error(`names a file without a record: ${path}`);
	const bad = lines.find((line) => parseTrustAnchor(line) === undefined);
	if (bad !== undefined)
		throw new Error(
			`names a file with a line that is no DS or DNSKEY record on one line: ${bad.slice(0, 60)}, in ${path}`,
		);
	return lines;
}

/** With the anchors of the file; `folder` is that of the configuration file. */
export function withAnchorsOfFile(dnssec: DnssecConfig, folder: string): DnssecConfig {
	const { trustAnchors, trustAnchorsFile } = dnssec;
	if (trustAnchorsFile === undefined) return dnssec;
	const path = resolve(folder, trustAnchorsFile);
	return { ...dnssec, trustAnchors: [...trustAnchors, ...anchorsIn(path)], trustAnchorsFile: path };
}

/** `value` is what the file says, not yet validated; `folder` is that of the configuration file. */
export function findDnssecConflicts(value: unknown, folder: string): readonly Conflict[] {
	const read = (key: string): unknown => valueAt(value, ["dnssec", key]);
	const file = read("trustAnchorsFile");
	const anchors = read("trustAnchors");
	if (typeof file === "string" && file !== "") {
		try {
			anchorsIn(resolve(folder, file));
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			return [{ path: ["dnssec", "trustAnchorsFile"], message }];
		}
	} else if (read("validate") === true && Array.isArray(anchors) && anchors.length === 0) {
		return [
			{
				path: ["dnssec", "trustAnchors"],
				message: "is empty, so that nothing can be validated; remove it for the keys of the root zone",
			},
		];
	}
	return [];
}
