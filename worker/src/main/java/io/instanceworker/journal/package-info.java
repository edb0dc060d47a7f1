/** The table {@code job_run}: what a worker has received, what became of it, and who works on it now. */
@NullMarked
package io.instanceworker.journal;

import org.jspecify.annotations.NullMarked;
