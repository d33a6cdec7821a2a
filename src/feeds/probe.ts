/** Whether a list can be had at its URL, without fetching it. */
import { converse, type ExchangeOptions, type ListRequest } from "./exchange.ts";

export interface Probed {
	/** Of HTTP: 200 when there is another version than ours, 304 when there is none. */
	readonly status: number;
	/** By the server's clock, in milliseconds since the epoch; undefined when it does not say. */
	readonly date?: number;
	/** Of the body, as the server says. */
	readonly bytes?: number;
}

/** Under the same rules as a download. Throws a DownloadError and nothing else. */
export async function probe(request: ListRequest, options: ExchangeOptions): Promise<Probed> {
	return await converse(request, options, async ({ statusCode = 0, headers }) => {
		const date = Date.parse(headers.date ?? "");
		const bytes = Number(headers["content-length"] ?? Number.NaN);
		return {
			status: statusCode,
			...(Number.isNaN(date) ? {} : { date }),
			...(Number.isSafeInteger(bytes) ? { bytes } : {}),
		};
	});
}
