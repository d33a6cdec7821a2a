// `npm run dashboards`: writes the dashboards of deploy/grafana from what scripts/dashboards says of them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fleet } from "./dashboards/fleet.mjs";
import { node } from "./dashboards/node.mjs";
import { poolAndLists } from "./dashboards/pool-and-lists.mjs";
import { ROOT } from "./prepare.mjs";

const [folder = join(ROOT, "deploy", "grafana")] = process.argv.slice(2);
for (const dashboard of [node(), fleet(), poolAndLists()])
	writeFileSync(join(folder, `${dashboard.uid}.json`), `${JSON.stringify(dashboard, undefined, "\t")}\n`);
