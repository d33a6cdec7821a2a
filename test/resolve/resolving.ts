/** A whole resolver within the test, asked without a listener; its upstreams are real sockets. */
import type { Test } from "tap";
import { BlocklistBuilder, type RuleSource } from "../../src/blocklist/builder.ts";
import type { NetworkRule, Rule } from "../../src/blocklist/rule.ts";
import type { SharedBlocklist } from "../../src/blocklist/shared-blocklist.ts";
import { parsePrefix, unmapped } from "../../src/config/address.ts";
import { configSchema } from "../../src/config/schema.ts";
import { type Settings, toSettings } from "../../src/config/settings.ts";
import { everyServer } from "../../src/config/upstream-settings.ts";
import { FIRST_CONFIGURED_LIST } from "../../src/config/vocabulary.ts";
import { Counters, LIMIT_ACTIONS, LIMITS, VIAS } from "../../src/observe/counters.ts";
import { Answer } from "../../src/resolve/answer.ts";
import { type Asker, Query, type ReturnPath } from "../../src/resolve/query.ts";
import { createSharedLimits } from "../../src/resolve/shared-limits.ts";
import { addressBytes } from "../../src/sockets/address.ts";
import { readQuery, TCP, UDP } from "../../src/wire/query.ts";
import { finishReply } from "../../src/wire/reply.ts";
import type { EngineName } from "../../src/worker/messages.ts";
import { Resolver } from "../../src/worker/resolver.ts";
import { type Decoded, decode } from "../wire/decoded.ts";

export const SEED = 4711;

export interface TestList {
	readonly kind?: "block" | "allow";
	/** As the configuration writes it. */
	readonly answer?: string | { readonly ipv4?: string; readonly ipv6?: string };
	readonly rules?: readonly Rule[];
	readonly networks?: readonly NetworkRule[];
}

export interface Options {
	readonly engine?: EngineName;
	/** Ports on 127.0.0.1, or addresses as the configuration writes them. */
	readonly upstreams?: readonly (number | string)[];
	/** Named one, two, …: list 0 is the configuration's own. */
	readonly lists?: readonly TestList[];
	/** Sections of the configuration. */
	readonly config?: { readonly [section: string]: object };
}

export interface Outcome extends Decoded {
	readonly via: string;
}

export interface AskOptions {
	readonly from?: string;
	readonly transport?: "udp" | "tcp";
	/** Milliseconds from now at which the question is asked, by the resolver's clock. */
	readonly later?: number;
}

export function rule(name: string, rest: Partial<Rule> = {}): Rule {
	return { name, scope: "subtree", action: "block", ...rest };
}

export function networkRule(text: string, rest: Partial<NetworkRule> = {}): NetworkRule {
	const network = parsePrefix(text);
	if (network === undefined) throw new Error(`${text} is no prefix`);
	return { network: unmapped(network), action: "block", ...rest };
}

export function compile(lists: readonly TestList[]): SharedArrayBuffer {
	const builder = new BlocklistBuilder(SEED, 1);
	for (const [i, list] of lists.entries()) {
		const source: RuleSource = { list: FIRST_CONFIGURED_LIST + i, kind: list.kind ?? "block" };
		for (const [line, one] of (list.rules ?? []).entries()) builder.add(one, source, line + 1);
		for (const [line, one] of (list.networks ?? []).entries()) builder.addNetwork(one, source, line + 1);
	}
	const parts = builder.finish();
	const memory = new SharedArrayBuffer(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		new Uint8Array(memory).set(part, at);
		at += part.length;
	}
	return memory;
}

function blocklistOf(lists: readonly TestList[]): SharedBlocklist {
	return { memory: compile(lists), overlay: undefined, hits: undefined };
}

export function settingsOf({ upstreams = [9], lists = [], config = {} }: Options): Settings {
	const words = ["one", "two", "three", "four"];
	return toSettings(
		configSchema.parse({
			...config,
			upstreams: {
				servers: upstreams.map((at) => (typeof at === "number" ? `udp://127.0.0.1:${at}` : at)),
				strategy: "strict",
				...config.upstreams,
			},
			lists: lists.map(({ kind = "block", answer }, i) => ({
				name: words[i],
				file: "nowhere",
				kind,
				...(answer === undefined ? {} : { answer }),
			})),
		}),
		1,
	);
}

class Capture implements ReturnPath {
	readonly clientPort = 0;
	readonly #done: (outcome?: Outcome) => void;
	readonly #answer = new Answer();
	readonly #max: number;

	constructor(room: number, max: number, done: (outcome?: Outcome) => void) {
		this.#done = done;
		this.#max = max;
		this.#answer.bytes = Buffer.alloc(room + 20, 0xee);
		this.#answer.start = 20;
		this.#answer.limit = room + 20;
	}

	keep(): ReturnPath {
		return this;
	}

	open(): Answer {
		return this.#answer;
	}

	commit(asker: Asker, answer: Answer): void {
		if (answer.length === 0) return void this.#done(undefined);
		finishReply(answer, asker, this.#max);
		const { start, length } = answer;
		const bytes = Buffer.from(answer.bytes.subarray(start, start + length));
		this.#done({ ...decode(bytes), via: VIAS[answer.via] ?? "" });
	}
}

export class TestResolver {
	readonly resolver: Resolver;
	readonly counters: Counters;
	/** What was said to the log. */
	readonly reports: readonly string[];
	readonly #options: Options;

	constructor(resolver: Resolver, options: Options, reports: readonly string[] = []) {
		this.reports = reports;
		this.resolver = resolver;
		this.counters = resolver.counters;
		this.#options = options;
	}

	/** How often a limit was acted upon so. */
	limited(limit: (typeof LIMITS)[number], action: (typeof LIMIT_ACTIONS)[number]): number {
		return this.counters.readLimited(LIMITS.indexOf(limit), LIMIT_ACTIONS.indexOf(action));
	}

	/** Other lists, as after a refresh. */
	swap(lists: readonly TestList[]): void {
		this.resolver.swap(blocklistOf(lists));
	}

	/** Other sections of the configuration, as after a reload. Resolves when what they need has been loaded. */
	async reload(options: Options): Promise<void> {
		const settings = settingsOf({ ...this.#options, ...options });
		await this.resolver.use(
			settings,
			everyServer(settings.upstreams).map((_, i) => i),
			1,
		);
	}

	/** The answer; undefined when it is dropped. */
	ask(bytes: Uint8Array, options: AskOptions = {}): Promise<Outcome | undefined> {
		const { from = "127.0.0.1", transport = "udp", later = 0 } = options;
		const room = transport === "udp" ? 4096 : 65_535;
		return new Promise((resolve) => {
			const { round } = this.resolver;
			const query = new Query(Buffer.from(bytes), new Capture(room, 1232, resolve));
			query.transport = transport === "udp" ? UDP : TCP;
			query.addressBytes = addressBytes(from);
			query.addressLength = from.includes(":") ? 16 : 4;
			const fault = readQuery(query, query.message, 0, query.message.length);
			round.join();
			round.now = performance.now() + later;
			query.receivedAt = round.now;
			this.resolver.run(query, fault);
		});
	}
}

export async function startResolver(t: Test, options: Options = {}): Promise<TestResolver> {
	const settings = settingsOf(options);
	const reports: string[] = [];
	const start = {
		number: 0,
		workers: 1,
		engine: options.engine ?? "dgram",
		settings,
		upstreamSlots: everyServer(settings.upstreams).map((_, i) => i),
		doors: [],
		blocklist: options.lists === undefined ? undefined : blocklistOf(options.lists),
		counters: Counters.create(),
		limits: createSharedLimits(1),
		recording: undefined,
		seed: SEED,
	};
	const resolver = await Resolver.create(start, (message) => reports.push(message));
	t.teardown(() => resolver.close());
	return new TestResolver(resolver, options, reports);
}
