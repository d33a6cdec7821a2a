/** Whether lists can be had where they are said to be. */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ListConfig } from "../../config/schema.ts";
import { systemPorts } from "../../feeds/download.ts";
import { DownloadError } from "../../feeds/download-error.ts";
import { maskedUrl } from "../../feeds/masked-url.ts";
import { probe } from "../../feeds/probe.ts";
import { Shelf } from "../../feeds/shelf.ts";
import { listSource } from "../../feeds/source.ts";
import { readVersion } from "../../version.ts";
import { judgeClock } from "./clock.ts";
import { fault, ok, type Said, warning } from "./finding.ts";
import type { Check, Patient } from "./patient.ts";

/** Asked at once. */
const AT_ONCE = 8;

async function look(list: ListConfig, patient: Patient, shelf: Shelf, signal: AbortSignal): Promise<Said[]> {
	const source = listSource(list, dirname(patient.loaded.path));
	const copy = await shelf.copy(list.name, source.id);
	const serious = copy === undefined ? fault : warning;
	if (source.kind === "file") {
		const there = await stat(source.file).then(
			() => true,
			() => false,
		);
		if (there) return [];
		const kept = copy === undefined ? "nothing of it is loaded" : "its last good copy is in use";
		return [
			serious(
				`list ${list.name}: ${source.file} is not there, or not for this user; ${kept}`,
				`ls -l ${source.file}`,
			),
		];
	}
	const { etag, lastModified } = copy?.facts ?? {};
	const request = {
		name: list.name,
		url: source.url,
		allowPrivateAddress: list.allowPrivateAddress,
		validators: {
			...(etag === undefined ? {} : { etag }),
			...(lastModified === undefined ? {} : { lastModified }),
		},
	};
	const options = {
		maxBytes: 0,
		timeoutMs: patient.timeoutMs,
		version: readVersion(),
		signal,
		...systemPorts,
	};
	try {
		const asked = patient.now();
		const { status, date } = await probe(request, options);
		const middle = (asked + patient.now()) / 2;
		// The header has no fractions of a second.
		const clock =
			date === undefined ? [] : judgeClock(middle - date - 500, `the server of list ${list.name}`, 2000);
		if (status === 200 || status === 304) return clock;
		const text = `list ${list.name}: ${maskedUrl(source.url)} answers ${status}; check the URL of this list`;
		return [...clock, serious(text, `curl -sSIL ${maskedUrl(source.url)}`)];
	} catch (error) {
		if (!(error instanceof DownloadError)) throw error;
		return [serious(error.message)];
	}
}

export const LIST_SOURCES: Check = {
	name: "sources",
	network: true,
	async look(patient, signal) {
		const { lists, dataDir } = patient.loaded.config;
		const shelf = new Shelf(join(dataDir, "lists"));
		const said: Said[] = [];
		let good = 0;
		for (let at = 0; at < lists.length; at += AT_ONCE) {
			const found = await Promise.all(
				lists.slice(at, at + AT_ONCE).map((list) => look(list, patient, shelf, signal)),
			);
			good += found.filter((one) => one.length === 0).length;
			said.push(...found.flat());
		}
		return good === 0
			? said
			: [ok(`${good} of ${lists.length} lists can be had where they are said to be`), ...said];
	},
};
