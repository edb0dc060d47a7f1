/** What an operator can ask of a running worker, and tell it: the jobs in hand, pause and resume. */
@NullMarked
package io.instanceworker.control;

import org.jspecify.annotations.NullMarked;
