import { rowsScenario } from "./rows-scenario.ts";
import type { Scenario } from "./scenario.ts";
import {
  parallelScenario,
  preparedScenario,
  streamOriginScenario,
  streamPreparedScenario,
  streamScenario,
  version4Scenario,
} from "./stream-scenarios.ts";
import { binaryValuesScenario, valuesScenario, zonesScenario } from "./values-scenario.ts";

/** Everything that is captured; together they have every pgoutput message. */
export const scenarios: readonly Scenario[] = [
  rowsScenario,
  valuesScenario,
  binaryValuesScenario,
  zonesScenario,
  streamScenario,
  streamOriginScenario,
  preparedScenario,
  streamPreparedScenario,
  parallelScenario,
  version4Scenario,
];
