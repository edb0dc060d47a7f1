/** What {@code deploy/local/bench} runs: the worker measured against what the servers alone do, in one run. */
@NullMarked
package io.instanceworker.bench;

import org.jspecify.annotations.NullMarked;
