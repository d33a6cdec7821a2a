/** What README.md beside this file tells of: the scenarios of behaviour/protocol. */
import { playTopic } from "./script/topic.ts";

playTopic("protocol");
