/** One connection to Redis that is made again for ever, and says when it is up and when it is not. */
import type { RedisSettings } from "../../config/pool-settings.ts";
import type { Log } from "../../observe/log.ts";
import { PoolUnavailable } from "../store.ts";
import { type Client, createClient, discard, whyUnreachable } from "./client.ts";
import { type Fault, type Faults, unavailable } from "./fault.ts";
import { type Inspection, inspect } from "./inspect.ts";

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;

export interface LinkOptions {
	readonly settings: RedisSettings;
	readonly faults: Faults;
	/** A key of the pool, to look whether it can be read. */
	readonly meta: string;
	/** In CLIENT LIST. */
	readonly name: string;
	/** Its commands may block: it sets no limit to them. */
	readonly blocking: boolean;
	/** From 0 to 1, for the jitter. */
	readonly random: () => number;
	/**
	 * At each change, not at each attempt. Up with a problem: the pool can be read but not written to.
	 */
	readonly onState?: (up: boolean, problem?: string) => void;
	readonly log?: Log;
}

interface Up {
	readonly client: Client;
	readonly server: Inspection;
}

export class Link {
	readonly #options: LinkOptions;
	/** The one of the present attempt, or the one that is up. */
	#client: Client | undefined;
	#up: Up | undefined;
	#fault: Fault | undefined;
	/** Why writes are refused while it is up. */
	#refusal: Fault | undefined;
	#attempt = 0;
	#timer: NodeJS.Timeout | undefined;
	#closed = false;
	/** Undefined before the first attempt has come to something. */
	#told: { readonly up: boolean; readonly code: string } | undefined;
	/** What was wrong since it was last up: each is logged once. */
	readonly #logged = new Set<string>();
	readonly #warned = new Set<string>();
	readonly #watchers = new Set<() => void>();

	constructor(options: LinkOptions) {
		this.#options = options;
		this.#connect();
	}

	get up(): boolean {
		return this.#up !== undefined;
	}

	/** Why it is not up, or why nothing can be written although it is. */
	get problem(): string | undefined {
		const fault = this.#up === undefined ? this.#fault : this.#refusal;
		return fault === undefined ? undefined : `${fault.message}.`;
	}

	/** What the operator should mend at the server, one sentence each. */
	get warnings(): readonly string[] {
		return this.#up?.server.warnings ?? [];
	}

	/** Resolves when it is up or when an attempt has failed, whichever is first. Never rejects. */
	async settled(): Promise<void> {
		const failures = this.#attempt;
		while (!this.#closed && this.#up === undefined && this.#attempt === failures) {
			await new Promise<void>((resolve) => this.#watchers.add(resolve));
		}
	}

	/**
	 * Runs commands on the connection; while it is not up they fail at once.
	 *
	 * @throws PoolUnavailable that says why.
	 */
	async run<T>(commands: (client: Client) => Promise<T>): Promise<T> {
		const up = this.#up;
		if (up === undefined) throw this.#absent();
		try {
			return await commands(up.client);
		} catch (error) {
			if (error instanceof PoolUnavailable || isOurs(error)) throw error;
			throw unavailable(this.fault(error, up.client));
		}
	}

	/** What an error of a command means, and what follows from it for the connection. */
	fault(error: unknown, client: Client): Fault {
		const fault = this.#options.faults.of(error);
		const demoted = fault.code === "READONLY" && this.#up?.server.replica === false;
		if (fault.kind !== "refused" || demoted) this.#lost(client, fault);
		return fault;
	}

	/** Whether the last write was refused although the connection is up. */
	setRefusal(fault: Fault | undefined): void {
		if (this.#up === undefined) return;
		this.#refusal = fault;
		this.#tell();
	}

	/** Throws the connection away, since nothing comes from it any more, and makes another. */
	abandon(client: Client): void {
		this.#lost(client, this.#options.faults.of(new Error("Command timed out")));
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		clearTimeout(this.#timer);
		const client = this.#client;
		this.#client = undefined;
		this.#up = undefined;
		if (client !== undefined) discard(client);
		this.#wake();
	}

	#absent(): PoolUnavailable {
		if (this.#closed)
			return new PoolUnavailable(`The connection to ${this.#options.faults.where} was closed.`);
		return this.#fault === undefined
			? new PoolUnavailable(`${this.#options.faults.where} is not connected yet.`)
			: unavailable(this.#fault);
	}

	#connect(): void {
		const { settings, name, blocking, faults } = this.#options;
		let client: Client;
		try {
			client = createClient(settings, {
				name,
				attempt: this.#attempt,
				...(blocking ? {} : { commandTimeoutMs: settings.timeoutMs }),
			});
		} catch (error) {
			this.#failed(faults.of(error));
			return;
		}
		this.#client = client;
		let noted: unknown;
		const note = (error: unknown) => {
			noted = faults.telling(noted, error);
			// ioredis goes on in database 0 when it may not select another.
			const said = error instanceof Error ? error.message : "";
			if (/DB index is out of range|SELECT is not allowed|run the 'select' command/.test(said))
				this.#lost(client, faults.of(error));
		};
		client.on("error", note);
		client.on("sentinelError", note);
		client.on("node error", note);
		client.on("end", () => {
			// Before it is up, what connects fails too, and knows more.
			if (this.#up?.client === client) this.#lost(client, faults.of(new Error("Connection is closed.")));
		});
		// A handshake may end in silence: whatever happens, this attempt ends.
		const deadline = setTimeout(() => this.abandon(client), settings.timeoutMs * 3);
		void this.#greet(client)
			.catch(async (error: unknown) => {
				note(error);
				if (settings.servers.kind === "cluster" && faults.isVague(noted)) {
					note(await whyUnreachable(settings, this.#attempt));
				}
				this.#lost(client, faults.of(noted));
			})
			.finally(() => clearTimeout(deadline));
	}

	async #greet(client: Client): Promise<void> {
		const { meta, settings, faults } = this.#options;
		await client.connect();
		const server = await inspect(client, meta, settings, faults);
		if (this.#client !== client) return;
		if ("kind" in server) {
			this.#lost(client, server);
			return;
		}
		this.#up = { client, server };
		this.#fault = undefined;
		this.#refusal = undefined;
		this.#attempt = 0;
		this.#tell();
		this.#warn(server.warnings);
		this.#wake();
	}

	#lost(client: Client, fault: Fault): void {
		if (this.#client !== client) return;
		this.#client = undefined;
		this.#up = undefined;
		discard(client);
		this.#failed(fault);
	}

	#failed(fault: Fault): void {
		if (this.#closed) return;
		this.#fault = fault;
		const wait = Math.min(FIRST_RETRY_MS * 2 ** this.#attempt, LAST_RETRY_MS);
		this.#attempt++;
		this.#timer = setTimeout(() => this.#connect(), wait * (0.5 + this.#options.random() / 2));
		this.#tell();
		this.#wake();
	}

	#tell(): void {
		const { onState, log, faults } = this.#options;
		const up = this.#up !== undefined;
		const fault = up ? this.#refusal : this.#fault;
		const code = fault?.code ?? "";
		const before = this.#told;
		if (before?.up !== up || (up && before.code === "")) this.#logged.clear();
		// While it is down one fault often leads to another: only the log is told of each.
		if (before?.up !== up || (up && before.code !== code)) {
			this.#told = { up, code };
			onState?.(up, this.problem);
			if (fault === undefined) {
				const back = before === undefined ? "can be reached" : "can be reached again";
				const again = before?.up === true ? "takes changes again" : back;
				log?.info(`The shared pool ${again}`, { redis: faults.where });
			}
		}
		if (fault === undefined || this.#logged.has(code)) return;
		const isFirst = this.#logged.size === 0;
		this.#logged.add(code);
		const what = up ? "takes no changes at present" : "cannot be reached";
		const message = `The shared pool ${what}; answers go on from this node's copy`;
		// One warning for each change of state; what else is found to be wrong meanwhile is told beside.
		if (isFirst) log?.warn(message, { problem: this.problem });
		else log?.info("The shared pool still cannot be used", { problem: this.problem });
	}

	#warn(warnings: readonly string[]): void {
		for (const warning of warnings) {
			if (this.#warned.has(warning)) continue;
			this.#warned.add(warning);
			this.#options.log?.warn("The server of the shared pool should be set up differently", { warning });
		}
	}

	#wake(): void {
		for (const watcher of this.#watchers) watcher();
		this.#watchers.clear();
	}
}

/** A fault in the program, or in what it was given, is no fault of Redis. */
function isOurs(error: unknown): boolean {
	return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}
