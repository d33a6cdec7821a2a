/** The images that the tests of containers run, made from what this machine has. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { repository } from "../bench/results.ts";
import { makeBaseFiles, makeDebianFiles } from "./base-image.ts";
import type { Engine, Outcome } from "./engine.ts";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function must(t: Test, done: Outcome, what: string): string {
	t.equal(done.code, 0, `${what}: ${done.output.slice(-2000)}`);
	return done.output;
}

/** A base image under the name that the build of Cordon is given. */
function makeBase(t: Test, engine: Engine, directory: string, base: string): void {
	const root = makeBaseFiles(directory);
	const working = must(t, engine.buildah("from", "scratch"), "an empty image").split("\n").at(-1) as string;
	must(t, engine.buildah("copy", "--quiet", working, root, "/"), "the files of a Debian with Node");
	must(t, engine.buildah("config", "--env", PATH, working), "its environment");
	must(t, engine.buildah("commit", "--quiet", "--rm", working, base), "the base image");
}

/** Cordon's, from its Dockerfile. */
export async function makeCordon(
	t: Test,
	engine: Engine,
	directory: string,
	{ base, image }: { readonly base: string; readonly image: string },
): Promise<void> {
	makeBase(t, engine, directory, base);
	const built = await engine.build(
		...["--format", "docker", "--isolation", "chroot", "--build-arg", `NODE_IMAGE=${base}`],
		...["--build-arg", "VERSION=0.0.0-test", "-f", "deploy/docker/Dockerfile", "-t", image, repository()],
	);
	must(t, built, "buildah bud");
}

export interface StandIn {
	/** The name of the image that it stands in for. */
	readonly image: string;
	readonly packages: readonly string[];
	/** A volume, and the user whose it is. */
	readonly volume: string;
	readonly user: number;
	readonly entrypoint: readonly string[];
}

/** An image with Debian's packages in place of one that only a registry has. */
export async function makeStandIn(t: Test, engine: Engine, directory: string, one: StandIn): Promise<void> {
	const { image, packages, volume, user, entrypoint } = one;
	const name = packages[0];
	const root = makeDebianFiles(directory, name, packages);
	const recipe = join(directory, `${name}.Dockerfile`);
	const lines = [
		"FROM scratch",
		`ENV ${PATH}`,
		"COPY . /",
		`RUN install -d -o ${user} -g ${user} ${volume}`,
		`VOLUME ${volume}`,
		`WORKDIR ${volume}`,
		`USER ${user}`,
		`ENTRYPOINT ${JSON.stringify(entrypoint)}`,
	];
	writeFileSync(recipe, `${lines.join("\n")}\n`);
	must(
		t,
		await engine.build("--format", "docker", "--isolation", "chroot", "-f", recipe, "-t", image, root),
		`an image in place of ${image}`,
	);
}
