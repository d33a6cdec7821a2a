/** What README.md beside this file tells of: the scenarios of behaviour/upstream. */
import { playTopic } from "./script/topic.ts";

playTopic("upstream");
