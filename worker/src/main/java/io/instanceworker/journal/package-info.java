/** The table {@code job_run}: which messages workers have received, how the jobs ended, and which worker runs a job now. */
@NullMarked
package io.instanceworker.journal;

import org.jspecify.annotations.NullMarked;
