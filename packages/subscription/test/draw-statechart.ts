import { writeFileSync } from "node:fs";
import { statechartPage, statechartPageUrl } from "./statechart.ts";

// Run: tsx --conditions=@trunkline/source packages/subscription/test/draw-statechart.ts
writeFileSync(statechartPageUrl, statechartPage());
