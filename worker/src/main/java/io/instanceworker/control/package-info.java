/** The endpoints for operators: the running jobs, pause and resume. */
@NullMarked
package io.instanceworker.control;

import org.jspecify.annotations.NullMarked;
