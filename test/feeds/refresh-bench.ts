/** A shelf, a clock and a list that changes, for the tests of refreshes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { configSchema, type ListConfig } from "../../src/config/schema.ts";
import { systemPorts } from "../../src/feeds/download.ts";
import { readList } from "../../src/feeds/read.ts";
import {
	type RefreshOptions,
	type RefreshOutcome,
	refreshLimits,
	refreshLists,
} from "../../src/feeds/refresh.ts";
import { openShelf, type Shelf } from "../../src/feeds/shelf.ts";
import { serveLists } from "./list-server.ts";

const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"].map((letter) => `${letter}.example.org`);

export function body(count: number): string {
	return `${NAMES.slice(0, count).join("\n")}\n`;
}

export function listOf(given: Record<string, unknown>): ListConfig {
	const [list] = configSchema.parse({ lists: [{ name: "a", allowPrivateAddress: true, ...given }] }).lists;
	if (list === undefined) throw new Error("no list");
	return list;
}

export interface Bench {
	readonly shelf: Shelf;
	readonly directory: string;
	readonly options: RefreshOptions;
	refresh(list: ListConfig, given?: Partial<RefreshOptions>): Promise<RefreshOutcome>;
}

export async function bench(t: Test): Promise<Bench> {
	const directory = t.testdir({});
	const shelf = await openShelf(join(directory, "data"));
	let now = 0;
	const options: RefreshOptions = {
		...refreshLimits(configSchema.parse({}).blocking),
		...systemPorts,
		pause: async () => {},
		shelf,
		configDir: directory,
		version: "0.0.0-test",
		readList,
		now: () => ++now,
	};
	const refresh = async (list: ListConfig, given: Partial<RefreshOptions> = {}): Promise<RefreshOutcome> => {
		const [outcome] = await refreshLists([list], { ...options, ...given });
		if (outcome === undefined) throw new Error("no outcome");
		return outcome;
	};
	return { shelf, directory, options, refresh };
}

export function content(outcome: RefreshOutcome): string | undefined {
	return outcome.path === undefined ? undefined : readFileSync(outcome.path, "utf8");
}

/** Serves what `now` says, with an ETag that it honours. */
export async function changing(t: Test) {
	let text = body(8);
	let status = 200;
	const server = await serveLists(t, (request, response) => {
		const etag = `"${text.length}"`;
		if (status !== 200) return response.writeHead(status).end(text);
		if (request.headers["if-none-match"] === etag) return response.writeHead(304, { ETag: etag }).end();
		response.writeHead(200, { ETag: etag }).end(text);
	});
	const now = (newText: string, newStatus = 200): void => {
		[text, status] = [newText, newStatus];
	};
	return { server, now };
}
