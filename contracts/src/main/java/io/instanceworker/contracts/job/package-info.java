/** Jobs: what the Admin API, an operator or the command line asks for, and how their JSON is read and written. */
@NullMarked
package io.instanceworker.contracts.job;

import org.jspecify.annotations.NullMarked;
