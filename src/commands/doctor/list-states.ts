/** Lists as they lie on disk: held, old, or never fetched. */
import { dirname, join } from "node:path";
import { milliseconds } from "../../config/parsed.ts";
import { recallLists } from "../../feeds/recall.ts";
import { Shelf } from "../../feeds/shelf.ts";
import { formatSpan } from "../status/print.ts";
import { note, ok, type Said, warning } from "./finding.ts";
import type { Check } from "./patient.ts";

/** Of refreshes that have been missed. */
const STALE = 3;

export const LIST_STATES: Check = {
	name: "lists",
	async look({ loaded: { config, path }, now }) {
		const shelf = new Shelf(join(config.dataDir, "lists"));
		const lists = await recallLists(config.lists, shelf, dirname(path));
		let fresh = 0;
		const said = lists.flatMap((list, i): Said[] => {
			const { url, refresh } = config.lists[i];
			if (list.held !== undefined) {
				const mend = `cordon lists accept ${list.name}, if the new version is meant`;
				return [warning(`list ${list.name} has a newer version that is held: ${list.held.message}`, mend)];
			}
			if (list.path === undefined) {
				return [note(`list ${list.name} was never fetched; cordon serve does it`)];
			}
			const age = list.facts === undefined ? undefined : now() - list.facts.checkedAt;
			if (url !== undefined && age !== undefined && age > STALE * milliseconds(refresh)) {
				const why = list.problem === undefined ? "" : `: ${list.problem.message}`;
				const mend = `curl -sSI ${JSON.stringify(url.replace(/\/\/[^/@]*@/, "//"))}, and is Cordon running?`;
				return [warning(`list ${list.name} was last fetched ${formatSpan(age)} ago${why}`, mend)];
			}
			if (list.problem !== undefined) {
				return [warning(`list ${list.name} could not be refreshed the last time: ${list.problem.message}`)];
			}
			fresh++;
			return [];
		});
		if (config.lists.length === 0) {
			return [
				note(
					"no list is configured: only blocking.deny and the pool block",
					"lists: in the configuration; docs/lists.md tells how",
				),
			];
		}
		return fresh === 0 ? said : [ok(`${fresh} of ${lists.length} lists are on disk and fresh`), ...said];
	},
};
