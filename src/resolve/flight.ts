/** One question under way upstream, and the table in which those who ask the same find it. */
import { Inquiry, type Waiting } from "../upstream/inquiry.ts";
import { EDE, MAX_NAME_BYTES } from "../wire/codes.ts";
import type { Response } from "../wire/response.ts";
import type { Asker, Query } from "./query.ts";
import { bitsOf, isSameQuestion, type Question } from "./question.ts";

/** Where flights end: with an upstream's response, or without one, for the reason `ede`. */
export interface Landing {
	landed(flight: Flight, response: Response | undefined, ede: number): void;
}

/** Used again after it has landed. */
export class Flight implements Waiting, Question {
	readonly inquiry: Inquiry;
	/** In lower case; in the packet it may have another. */
	readonly name = new Uint8Array(MAX_NAME_BYTES);
	readonly nameAt = 0;
	nameLength = 0;
	nameHash = 0;
	type = 0;
	bits = 0;
	key = 0;
	readonly askers: Asker[] = [];
	/** The cache's epoch when it set out. */
	epoch = 0;
	/** Until then its clients wait for it, if something stale can be had; milliseconds on the worker's clock. */
	deadline = 0;
	/** Neighbours in the queue of those that are waited for. */
	earlier: Flight | undefined;
	later: Flight | undefined;
	/** Its neighbour in the table. */
	next: Flight | undefined;
	readonly #landing: Landing;

	constructor(landing: Landing) {
		this.#landing = landing;
		this.inquiry = new Inquiry(this);
	}

	begin(query: Query, key: number): void {
		const { bytes, length } = query.name;
		for (let i = 0; i < length; i++) this.name[i] = bytes[i];
		this.nameLength = length;
		this.nameHash = query.name.hashes[0];
		this.type = query.type;
		this.bits = bitsOf(query);
		this.key = key;
		this.inquiry.aim(query.name, query.type, query.dnssecOk, (this.bits & 2) !== 0);
	}

	answered(response: Response): void {
		this.#landing.landed(this, response, EDE.NONE);
	}

	failed(ede: number): void {
		this.#landing.landed(this, undefined, ede);
	}
}

/** Rows of the table: a few flights a row at the most that may be up by default. */
const ROWS = 8192;

/** Flights that are up, by the key of their question. An ordinary Map takes three times as long. */
export class FlightTable {
	readonly #rows: (Flight | undefined)[] = new Array<Flight | undefined>(ROWS).fill(undefined);

	find(query: Query, key: number): Flight | undefined {
		let flight = this.#rows[key & (ROWS - 1)];
		while (flight !== undefined && (flight.key !== key || !isSameQuestion(flight, query)))
			flight = flight.next;
		return flight;
	}

	add(flight: Flight): void {
		const row = flight.key & (ROWS - 1);
		flight.next = this.#rows[row];
		this.#rows[row] = flight;
	}

	remove(flight: Flight): void {
		const row = flight.key & (ROWS - 1);
		let before = this.#rows[row];
		if (before === flight) this.#rows[row] = flight.next;
		while (before !== undefined && before.next !== flight) before = before.next;
		if (before !== undefined) before.next = flight.next;
		flight.next = undefined;
	}
}
