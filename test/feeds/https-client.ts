/**
 * A process that downloads URLs, for the tests of HTTPS: whom Node trusts besides public authorities is fixed when a process
 * begins. Arguments: a folder, then URLs. Prints what became of each, as JSON.
 */
import { join } from "node:path";
import { download } from "../../src/feeds/download.ts";
import { options } from "./download-asked.ts";

const [folder = "", ...urls] = process.argv.slice(2);
const outcomes: unknown[] = [];
for (const url of urls) {
	const request = {
		name: "a-list",
		url,
		allowPrivateAddress: true,
		validators: {},
		path: join(folder, "download"),
	};
	outcomes.push(await download(request, options()).catch(({ reason, message }) => ({ reason, message })));
}
process.stdout.write(JSON.stringify(outcomes));
