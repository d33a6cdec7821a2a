/** Who we are, in class CH, for those who look for the node behind an address (RFC 4892). */
import type { IdentitySettings } from "../config/edns-settings.ts";
import { CLASS, RCODE, TYPE } from "../wire/codes.ts";
import type { DomainName } from "../wire/name.ts";
import { nameFromText } from "../wire/name.ts";
import { beginReply, POINTER_TO_QUESTION, putRecord } from "../wire/reply.ts";
import { type Answer, VIA } from "./answer.ts";
import type { Query } from "./query.ts";

const SERVER_NAMES = ["id.server", "hostname.bind"];
const VERSION_NAMES = ["version.server", "version.bind"];

export class Identity {
	readonly #names: readonly { readonly wire: Uint8Array; readonly data: Uint8Array }[];

	constructor({ server, version }: IdentitySettings) {
		this.#names = [...named(SERVER_NAMES, server), ...named(VERSION_NAMES, version)];
	}

	/** @returns whether it answered a query of class CH: only what is configured, and nothing else, is told. */
	answer(query: Query, answer: Answer): boolean {
		if (query.type !== TYPE.TXT && query.type !== TYPE.ANY) return false;
		const data = this.#find(query.name);
		if (data === undefined) return false;
		beginReply(answer, query, RCODE.NOERROR);
		putRecord(answer, 6, POINTER_TO_QUESTION, TYPE.TXT, 0, data, CLASS.CH);
		answer.via = VIA.local;
		return true;
	}

	#find(name: DomainName): Uint8Array | undefined {
		for (const { wire, data } of this.#names) if (name.equals(wire)) return data;
		return undefined;
	}
}

function named(names: readonly string[], text: Uint8Array | undefined) {
	if (text === undefined) return [];
	const data = Uint8Array.of(text.length, ...text);
	return names.map((name) => ({ wire: nameFromText(name) ?? new Uint8Array(1), data }));
}
