/** What the embedded store keeps beside the state. */
import { ChangeLog } from "./change-log.ts";
import { DiskFault, type Environment, type Table } from "./environment.ts";
import { Journal } from "./journal.ts";
import { Outcomes } from "./outcomes.ts";
import { SightingBook } from "./sighting-book.ts";
import { StagedBatches } from "./staged-batches.ts";

export class Books {
	readonly log: ChangeLog;
	readonly journal: Journal;
	readonly batches: StagedBatches;
	readonly outcomes: Outcomes;
	readonly sightings: SightingBook;
	/** What retention remembers: retention-rule.ts. */
	readonly retention: Table;

	/** Opens tables: nothing may have been read yet. Throws DiskFault. @param keepChanges how many the log keeps. */
	constructor(environment: Environment, keepChanges: number) {
		const table = (name: string): Table => {
			const found = environment.table(name);
			if (found === undefined) throw new DiskFault(`cannot make the table ${name} in ${environment.folder}`);
			return found;
		};
		const [log, audit, batches, edits] = ["log", "audit", "batches", "batch-edits"].map(table);
		const [outcomes, sums, reports, retention] = ["outcomes", "sightings", "reports", "retention"].map(table);
		this.log = new ChangeLog(environment, log, keepChanges);
		this.journal = new Journal(environment, audit);
		this.batches = new StagedBatches(environment, batches, edits);
		this.outcomes = new Outcomes(environment, outcomes);
		this.sightings = new SightingBook(environment, sums, reports);
		this.retention = retention;
	}

	/** Within a transaction: all that speaks of a state which is there no longer. */
	clear(): void {
		this.log.clear();
		this.batches.clear();
		this.outcomes.clear();
	}
}
