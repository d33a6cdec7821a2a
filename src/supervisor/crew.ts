/** The resolver workers: started, restarted when they crash, told of changes, drained. */
import { Worker } from "node:worker_threads";
import type { SharedBlocklist } from "../blocklist/shared-blocklist.ts";
import type { BlockingSettings } from "../config/blocking-settings.ts";
import type { Settings } from "../config/settings.ts";
import type { Counters } from "../observe/counters.ts";
import type { Log } from "../observe/log.ts";
import type { Flush } from "../resolve/flush.ts";
import { createSharedLimits, forgetWorker } from "../resolve/shared-limits.ts";
import type { DoorSockets, EngineName, FromWorker, ToWorker, WorkerStart } from "../worker/messages.ts";
import { CookieSecrets } from "./cookie-secrets.ts";
import { createMember, forgive, lengthenPause, type Member } from "./crew-member.ts";
import { heapLimits } from "./heap-limits.ts";
import type { Logbook } from "./logbook.ts";
import { type Done, Tickets } from "./tickets.ts";

/** Room in the shared tables; the configuration allows no more workers. */
const MOST_WORKERS = 256;

export interface CrewParts {
	readonly log: Log;
	readonly engine: EngineName;
	readonly seed: () => number;
	readonly blocklist: () => SharedBlocklist | undefined;
	/** The addresses of a worker that starts, by their keys; what is opened later is told apart. */
	readonly doorKeys: () => readonly string[];
	/** The sockets for it, once it has loaded. */
	readonly doors: (worker: number, keys: readonly string[]) => DoorSockets[];
	readonly upstreamSlots: (settings: Settings) => number[];
	/** For cookies, of the Cordon before; a fresh one by default. */
	readonly cookieSecret?: Uint8Array | undefined;
	readonly logbook: Logbook;
}

export class Crew {
	readonly #parts: CrewParts;
	readonly #limits = createSharedLimits(MOST_WORKERS);
	readonly #members: Member[] = [];
	readonly #tickets = new Tickets();
	readonly #cookieSecrets: CookieSecrets;
	#settings: Settings;
	#size = 0;
	/** By door key, what was bound, for addresses that workers opened themselves. */
	ports: Readonly<Record<string, number>> = {};

	constructor(settings: Settings, parts: CrewParts) {
		this.#cookieSecrets = new CookieSecrets(parts.log, parts.cookieSecret);
		this.#settings = this.#cookieSecrets.into(settings);
		this.#parts = parts;
	}

	/** With which cookies are made where no file names another. */
	get cookieSecret(): Uint8Array {
		return this.#cookieSecrets.own;
	}

	get counters(): Counters[] {
		return this.#members.map((member) => member.view);
	}

	get status(): { serving: boolean; restarts: number }[] {
		return this.#members
			.filter((member) => !member.leaving)
			.map(({ serving, restarts }) => ({ serving, restarts }));
	}

	/**
	 * More workers, or fewer: those that go answer first what they have taken. Resolves when all serve; rejects when one
	 * cannot listen.
	 */
	async resize(size: number): Promise<void> {
		this.#size = size;
		const joining: Promise<void>[] = [];
		for (let number = 0; number < size; number++) {
			const member = this.#members[number] ?? this.#join(number);
			if (member.thread !== undefined && !member.leaving) continue;
			member.leaving = false;
			joining.push(this.#spawn(member));
		}
		await Promise.all(joining);
		await Promise.all(this.#members.slice(size).map((member) => this.#drain(member, 5000)));
	}

	/** How names are blocked by the index in use. */
	get blocking(): BlockingSettings {
		return this.#settings.blocking;
	}

	/** Other settings; their part about blocking has to fit the index in use. `workers`: how many there are to be. */
	use(settings: Settings, workers: number): void {
		const { logbook, upstreamSlots } = this.#parts;
		this.#settings = this.#cookieSecrets.into({ ...settings, blocking: logbook.named(settings.blocking) });
		const slots = upstreamSlots(settings);
		for (const { number, thread } of this.#members) {
			thread?.postMessage({
				kind: "settings",
				settings: this.#settings,
				upstreamSlots: slots,
				workers,
				recording: logbook.recording(number, settings.upstreams, slots),
			} satisfies ToWorker);
		}
	}

	/**
	 * Another index, and the settings that its list numbers belong to, in one step.
	 *
	 * @returns whether every worker has said that it no longer reads from the index before.
	 */
	async publish(blocklist: SharedBlocklist, blocking: BlockingSettings): Promise<boolean> {
		const named = this.#parts.logbook.named(blocking);
		this.#settings = { ...this.#settings, blocking: named };
		const asked = this.#members.map((member) =>
			this.#ask(member, (ticket) => ({ kind: "index", blocklist, blocking: named, ticket })),
		);
		return (await Promise.all(asked)).every(({ problem }) => problem === undefined);
	}

	/** Room for more changes; says all that the overlay before does. */
	lay(overlay: SharedArrayBuffer): void {
		this.#tellAll({ kind: "overlay", memory: overlay });
	}

	/** @returns how many cached answers were forgotten, over all workers. Rejects with the first problem. */
	async flush(flush: Flush): Promise<number> {
		const answers = await Promise.all(
			this.#members.map((member) => this.#ask(member, (ticket) => ({ kind: "flush", flush, ticket }))),
		);
		const problem = answers.find((answer) => answer.problem !== undefined)?.problem;
		if (problem !== undefined) throw new Error(problem);
		return answers.reduce((sum, { forgotten = 0 }) => sum + forgotten, 0);
	}

	/** Opens and closes listen addresses in every worker. Rejects with the first problem. */
	async changeDoors(
		open: (worker: number) => readonly DoorSockets[],
		close: readonly string[],
	): Promise<void> {
		const answers = this.#members.map((member) =>
			this.#ask(member, (ticket) => ({ kind: "doors", open: open(member.number), close, ticket })),
		);
		const problem = (await Promise.all(answers)).find((answer) => answer.problem !== undefined)?.problem;
		if (problem !== undefined) throw new Error(problem);
	}

	/** Whether every worker that serves says within `patienceMs` that it is there. */
	async answers(patienceMs: number): Promise<boolean> {
		const asked = this.#members
			.filter((member) => member.serving)
			.map((member) => this.#ask(member, (ticket) => ({ kind: "ping", ticket }), patienceMs));
		return (await Promise.all(asked)).every(({ problem }) => problem === undefined);
	}

	/**
	 * Every worker takes no more, answers what it has, and ends; after `graceMs` it ends anyway. `left`: keys of a worker's
	 * doors that somebody else reads from by now.
	 */
	async drain(graceMs: number, left: (worker: number) => readonly string[] = () => []): Promise<void> {
		await Promise.all(this.#members.map((member) => this.#drain(member, graceMs, left(member.number))));
	}

	#join(number: number): Member {
		const member = createMember(number);
		this.#members.push(member);
		return member;
	}

	async #spawn(member: Member): Promise<void> {
		const { engine, seed, blocklist, doorKeys, doors, upstreamSlots, logbook } = this.#parts;
		const keys = doorKeys();
		this.#settings = { ...this.#settings, blocking: logbook.named(this.#settings.blocking) };
		const slots = upstreamSlots(this.#settings);
		const start: WorkerStart = {
			number: member.number,
			workers: this.#size,
			engine,
			settings: this.#settings,
			upstreamSlots: slots,
			recording: logbook.recording(member.number, this.#settings.upstreams, slots),
			blocklist: blocklist(),
			counters: member.counters,
			limits: this.#limits,
			seed: seed(),
		};
		member.startedAt = performance.now();
		const thread = new Worker(new URL("../worker/worker.js", import.meta.url), {
			workerData: start,
			resourceLimits: heapLimits(this.#settings.cache.sizeBytes / this.#size),
		});
		member.thread = thread;
		return new Promise((resolve, reject) => {
			let fault: unknown;
			const serve = () => {
				try {
					const open = doors(member.number, keys);
					thread.postMessage({ kind: "serve", doors: open } satisfies ToWorker);
				} catch (error) {
					fault = error;
					void thread.terminate();
				}
			};
			thread.on("message", (message: FromWorker) => {
				if (message.kind === "loaded") serve();
				else if (message.kind === "serving") {
					member.serving = true;
					this.ports = message.ports;
					resolve();
				} else if (message.kind === "cannot-listen") {
					member.leaving = true;
					reject(new Error(message.message));
				} else this.#hear(member, message);
			});
			thread.on("error", (error) => {
				fault = error;
			});
			thread.on("exit", (code) => {
				this.#gone(member, thread, code, fault);
				reject(
					fault instanceof Error
						? fault
						: new Error(`worker ${member.number} ended with code ${code} before it served`),
				);
			});
		});
	}

	#hear(member: Member, message: FromWorker): void {
		if (message.kind === "log")
			this.#parts.log[message.level](message.message, { worker: member.number, ...message.fields });
		if (message.kind !== "done") return;
		this.ports = message.ports ?? this.ports;
		this.#tickets.settle(message.ticket, message);
	}

	#gone(member: Member, thread: Worker, code: number, fault: unknown): void {
		if (member.thread !== thread) return;
		member.thread = undefined;
		const served = member.serving;
		member.serving = false;
		member.view.retire();
		forgetWorker(this.#limits, member.number);
		this.#tickets.gone(member.number);
		if (member.leaving || !served) return;
		member.restarts++;
		forgive(member);
		this.#parts.log.error(
			"a worker crashed and is started again, the others go on answering; report it when it comes back",
			{
				worker: member.number,
				code,
				pauseMs: member.pauseMs,
				...(fault instanceof Error ? { error: fault } : {}),
			},
		);
		this.#restart(member);
	}

	#restart(member: Member): void {
		setTimeout(() => {
			if (member.leaving || member.thread !== undefined) return;
			this.#spawn(member).catch((error: Error) => {
				this.#parts.log.error(
					"a worker could not be started again, and is tried once more; see why, or restart Cordon",
					{
						worker: member.number,
						why: error.message,
					},
				);
				if (!member.leaving) this.#restart(member);
			});
		}, member.pauseMs);
		lengthenPause(member);
	}

	#tellAll(message: ToWorker): void {
		for (const member of this.#members) member.thread?.postMessage(message);
	}

	/** @returns what it answered; one that is gone has no problem. */
	#ask(
		{ thread, leaving, number }: Member,
		message: (ticket: number) => ToWorker,
		patienceMs?: number,
	): Promise<Done> {
		if (thread === undefined || leaving) return Promise.resolve({});
		return this.#tickets.ask(number, (ticket) => thread.postMessage(message(ticket)), patienceMs);
	}

	async #drain(member: Member, graceMs: number, left: readonly string[] = []): Promise<void> {
		const { thread } = member;
		member.leaving = true;
		if (thread === undefined) return;
		const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
		thread.postMessage({ kind: "drain", graceMs, left } satisfies ToWorker);
		const timer = setTimeout(() => void thread.terminate(), graceMs + 1000);
		await ended;
		clearTimeout(timer);
	}
}
