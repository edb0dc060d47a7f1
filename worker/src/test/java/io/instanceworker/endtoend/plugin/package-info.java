/** What a third party would write: an engine that knows of us no more than the contracts. */
@NullMarked
package io.instanceworker.endtoend.plugin;

import org.jspecify.annotations.NullMarked;
