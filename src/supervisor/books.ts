/** What is known of every list: for the status, the metrics, and for when it is due again. */
import type { SnapshotAbout } from "../blocklist/snapshot.ts";
import type { Config, ListConfig } from "../config/schema.ts";
import { parseDuration } from "../config/units.ts";
import { maskedUrl } from "../feeds/masked-url.ts";
import type { RefreshOutcome } from "../feeds/refresh.ts";
import type { FromLibrarian, StoredList } from "../librarian/job.ts";
import type { Log } from "../observe/log.ts";
import type { ListState, ListStatus } from "../observe/status.ts";

/** Bad lines of a list that are told in the log, when it is read. */
const BAD_LINES_TOLD = 3;

interface Book {
	list: ListConfig;
	state: ListState;
	problem?: string | undefined;
	format?: string | undefined;
	domains: number;
	skippedLines: number;
	badLines: number;
	lastSuccess?: number | undefined;
	rejected: Record<string, number>;
	triedAt?: number | undefined;
	failed: boolean;
}

function emptyBook(list: ListConfig): Book {
	return { list, state: "loading", domains: 0, skippedLines: 0, badLines: 0, rejected: {}, failed: false };
}

export class ListBooks {
	#books = new Map<string, Book>();

	/** Other lists: what is known of those that stay is kept. */
	use(config: Config): void {
		this.#books = new Map(
			config.lists.map((list) => {
				const known = this.#books.get(list.name);
				const same = known !== undefined && known.list.url === list.url && known.list.file === list.file;
				return [list.name, same ? { ...known, list } : emptyBook(list)];
			}),
		);
	}

	/** When a list was last tried, in milliseconds since the epoch, and whether in vain. */
	attempt(name: string): { readonly triedAt: number | undefined; readonly failed: boolean } {
		const book = this.#books.get(name);
		return { triedAt: book?.triedAt, failed: book?.failed ?? false };
	}

	/** Lists that have neither been loaded nor tried in vain. */
	get waiting(): string[] {
		return Array.from(this.#books)
			.filter(([, book]) => book.state === "loading")
			.map(([name]) => name);
	}

	hear(message: Extract<FromLibrarian, { kind: "stored" | "settled" | "read" }>, log: Log): void {
		if (message.kind === "stored") {
			for (const stored of message.lists) this.#stored(stored);
		} else if (message.kind === "settled") {
			this.#settled(message.outcome, log);
		} else {
			const { bad, badLines, format } = message.report;
			const told = badLines
				.slice(0, BAD_LINES_TOLD)
				.map(({ line, text, reason }) => `line ${line}: ${text}: ${reason}`);
			if (bad > 0)
				log.info("a list has lines that were left out", { list: message.name, format, bad, first: told });
		}
	}

	compiled(about: SnapshotAbout): void {
		for (const list of about.lists) {
			const book = this.#books.get(list.name);
			if (book === undefined) continue;
			book.domains = list.rules;
			book.skippedLines = list.skipped;
			book.badLines = list.bad;
			book.format = list.format;
			if (book.state === "loading" && list.format !== undefined) book.state = "fresh";
			book.lastSuccess ??= list.format === undefined ? undefined : about.compiledAt;
		}
	}

	status(): ListStatus[] {
		return Array.from(this.#books.values(), (book) => ({
			name: book.list.name,
			kind: book.list.kind,
			category: book.list.category,
			source: book.list.url === undefined ? (book.list.file ?? "") : maskedUrl(book.list.url),
			state: book.state,
			...(book.problem === undefined ? {} : { problem: book.problem }),
			...(book.format === undefined ? {} : { format: book.format }),
			refreshSeconds: parseDuration(book.list.refresh) ?? 0,
			domains: book.domains,
			skippedLines: book.skippedLines,
			badLines: book.badLines,
			...(book.lastSuccess === undefined ? {} : { lastSuccess: book.lastSuccess }),
			rejected: book.rejected,
		}));
	}

	#stored(stored: StoredList): void {
		const book = this.#books.get(stored.name);
		if (book === undefined) return;
		book.lastSuccess = stored.checkedAt ?? book.lastSuccess;
		if (stored.held !== undefined) {
			book.state = "held";
			book.problem = stored.held;
		} else if (stored.problem !== undefined) {
			book.state = stored.hasCopy ? "stale" : "failed";
			book.problem = stored.problem;
		} else if (stored.hasCopy) {
			book.state = "fresh";
			book.problem = undefined;
		}
	}

	#settled(outcome: RefreshOutcome, log: Log): void {
		const book = this.#books.get(outcome.name);
		if (book === undefined) return;
		const { state, reason, message } = outcome;
		book.triedAt = outcome.finishedAt;
		book.failed = state !== "fresh" && state !== "unchanged";
		if (!book.failed) {
			log.debug("a list is up to date", { list: outcome.name, state });
			return;
		}
		if (reason !== undefined) book.rejected[reason] = (book.rejected[reason] ?? 0) + 1;
		if (state === "missing") book.state = outcome.path === undefined ? "failed" : "stale";
		book.problem = message;
		const stays =
			outcome.path === undefined ? "there is no earlier copy to use" : "the last good copy stays in use";
		log.warn(`a list was not updated; ${stays}`, { list: outcome.name, state, why: message });
	}
}
