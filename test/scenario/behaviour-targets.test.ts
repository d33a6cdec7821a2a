/** What README.md beside this file tells of: the scenarios of behaviour/targets. */
import { playTopic } from "./script/topic.ts";

playTopic("targets");
