// `npm start`: installs and builds what is missing, then runs Cordon in this very process, so that its signals and
// its exit code are its own. `npm start -- --config FILE` serves another configuration; `npm start -- check` runs
// another command.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepare, ROOT } from "./prepare.mjs";

prepare("src");

const args = process.argv.slice(2);
const hasCommand = args.length > 0 && !args[0].startsWith("-");
const main = join(ROOT, "dist", "src", "main.js");
process.argv = [process.execPath, main, ...(hasCommand ? [] : ["serve"]), ...args];
await import(pathToFileURL(main).href);
