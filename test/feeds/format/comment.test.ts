import { test } from "tap";
import { withoutComment } from "../../../src/feeds/format/comment.ts";

test("a comment begins at the beginning or after a space", async (t) => {
	for (const [text, left] of [
		["a.example", "a.example"],
		["a.example # why", "a.example"],
		["a.example\t#why # more", "a.example"],
		["a.example#why", "a.example#why"],
		["a.example##.x", "a.example##.x"],
		["a.example#x #y", "a.example#x"],
		["# all", ""],
		["", ""],
	]) {
		t.equal(withoutComment(text), left, text);
	}
});
