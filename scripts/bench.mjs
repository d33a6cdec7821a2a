// `npm run bench`, or `bench:` and a name of PROGRAMS: builds, then runs one program of test/bench in this process.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fail, prepare, ROOT } from "./prepare.mjs";

const PROGRAMS = ["functions", "peers", "reload", "upgrade", "pool", "memory"];

const [first, ...rest] = process.argv.slice(2);
const [program, args] = PROGRAMS.includes(first) ? [first, rest] : ["functions", process.argv.slice(2)];
const file = join(ROOT, "dist", "test", "bench", `${program}.js`);
prepare("all");
process.chdir(ROOT);
if (!existsSync(file)) fail(`there is no test/bench/${program}.ts`);
process.argv = [process.execPath, file, ...args];
await import(pathToFileURL(file).href);
