/** A list as it lies on disk, read from its first line to its last. */
import { join } from "node:path";
import type { Config, ListConfig } from "../../config/schema.ts";
import { parseSize } from "../../config/units.ts";
import { ListError } from "../../feeds/list-error.ts";
import type { BadLine } from "../../feeds/read.ts";
import { readList } from "../../feeds/read.ts";
import { recallLists } from "../../feeds/recall.ts";
import { Shelf } from "../../feeds/shelf.ts";
import { listSource } from "../../feeds/source.ts";

interface Common {
	readonly name: string;
	/** Its path, or its URL without secrets. */
	readonly source: string;
}

/** `absent`: a URL that was never fetched to this disk. */
export type ListCheck = Common &
	(
		| {
				readonly state: "read";
				readonly path: string;
				readonly format: string;
				readonly lines: number;
				readonly rules: number;
				readonly skipped: number;
				readonly bad: number;
				readonly badLines: readonly BadLine[];
		  }
		| { readonly state: "absent" }
		| { readonly state: "unreadable"; readonly path: string; readonly problem: string }
	);

async function readWhole(common: Common, list: ListConfig, path: string, config: Config): Promise<ListCheck> {
	const options = {
		format: list.format,
		hostsMatch: list.match ?? config.blocking.hostsMatch,
		maxBytes: parseSize(config.blocking.downloads.maxSize) ?? 0,
	};
	try {
		const { html, ...report } = await readList(path, options, () => {});
		if (html) {
			const problem = `${path} is a web page, not a list; look where its address leads`;
			return { ...common, state: "unreadable", path, problem };
		}
		return { ...common, state: "read", path, ...report };
	} catch (error) {
		if (!(error instanceof ListError)) throw error;
		return { ...common, state: "unreadable", path, problem: error.message };
	}
}

/** Checks the lists one after the other, each as soon as it is asked for; of a URL, the last good copy. */
export async function* checkLists(config: Config, configDir: string): AsyncGenerator<ListCheck> {
	const recalled = await recallLists(config.lists, new Shelf(join(config.dataDir, "lists")), configDir);
	for (const [i, list] of config.lists.entries()) {
		const source = listSource(list, configDir);
		const common = { name: list.name, source: source.shown };
		const path = source.kind === "file" ? source.file : recalled[i].path;
		yield path === undefined ? { ...common, state: "absent" } : await readWhole(common, list, path, config);
	}
}
