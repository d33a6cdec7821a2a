/** Which parts of the program have run, as V8 counts them: what a fuzzer is led by. */
import { type Profiler, Session } from "node:inspector";

/** Characters of a script that ran: 1. */
type Marks = Uint8Array;

export class Coverage {
	readonly #session = new Session();
	/** By script. */
	readonly #marks = new Map<string, Marks>();
	#size = 0;

	constructor() {
		this.#session.connect();
		this.#post("Profiler.enable");
		this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
	}

	/** Characters of Cordon's own code that have run. */
	get size(): number {
		return this.#size;
	}

	/** Takes in what ran since the last call. @returns whether something ran that never had before. */
	hasNew(): boolean {
		return this.#takeIn(true);
	}

	/** The same without remembering it: whether what ran is worth a closer look. */
	wouldBeNew(): boolean {
		return this.#takeIn(false);
	}

	/** Nothing is counted any more, and everything runs at full speed again. */
	stop(): void {
		this.#post("Profiler.stopPreciseCoverage");
		this.#session.disconnect();
	}

	#takeIn(remember: boolean): boolean {
		let isNew = false;
		const taken = this.#post<Profiler.TakePreciseCoverageReturnType>("Profiler.takePreciseCoverage");
		for (const { url, functions } of taken?.result ?? []) {
			if (!url.includes("/dist/src/")) continue;
			for (const { ranges } of functions) {
				const added = this.#mark(url, ranges, remember);
				if (added === 0) continue;
				isNew = true;
				if (remember) this.#size += added;
				else return true;
			}
		}
		return isNew;
	}

	/** The first range is the function, the others lie within those before them. @returns how many characters are new. */
	#mark(url: string, ranges: readonly Profiler.CoverageRange[], remember: boolean): number {
		const [{ startOffset: start, endOffset: end, count }] = ranges;
		if (count === 0) return 0;
		const ran = new Uint8Array(end - start);
		for (const range of ranges)
			ran.fill(range.count > 0 ? 1 : 0, range.startOffset - start, range.endOffset - start);
		const marks = this.#marksOf(url, end);
		let added = 0;
		for (let i = 0; i < ran.length; i++) {
			if (ran[i] === 0 || marks[start + i] !== 0) continue;
			added++;
			if (remember) marks[start + i] = 1;
		}
		return added;
	}

	#marksOf(url: string, length: number): Marks {
		const known = this.#marks.get(url);
		if (known !== undefined && known.length >= length) return known;
		const larger = new Uint8Array(length * 2);
		if (known !== undefined) larger.set(known);
		this.#marks.set(url, larger);
		return larger;
	}

	/** The session is in this thread: it answers before this returns. */
	#post<T>(method: string, parameters?: object): T | undefined {
		let answer: T | undefined;
		let fault: Error | undefined;
		this.#session.post(method, parameters, (error: Error | null, result?: object) => {
			if (error === null) answer = result as T;
			else fault = error;
		});
		if (fault !== undefined) throw fault;
		return answer;
	}
}
