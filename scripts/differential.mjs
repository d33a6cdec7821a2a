// `npm run test:differential`: builds, then asks Cordon and Unbound the same questions.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepare, ROOT } from "./prepare.mjs";
import { ensureTools } from "./tools.mjs";

const file = join(ROOT, "dist", "test", "differential", "differential.js");
prepare("all");
process.chdir(ROOT);
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
ensureTools(
	{ "dnssec-signzone": "bind9-utils", nsd: "nsd", unbound: "unbound" },
	"the differential run needs",
);
process.argv = [process.execPath, file, ...process.argv.slice(2)];
await import(pathToFileURL(file).href);
