/** Results: what the worker publishes about a job, as CloudEvents, and how their JSON is written and read. */
@NullMarked
package io.instanceworker.contracts.result;

import org.jspecify.annotations.NullMarked;
