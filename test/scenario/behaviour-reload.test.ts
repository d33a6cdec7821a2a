/** What README.md beside this file tells of: the scenarios of behaviour/reload. */
import { playTopic } from "./script/topic.ts";

playTopic("reload");
