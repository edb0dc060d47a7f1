/** The command line {@code instancectl}. */
@NullMarked
package io.instanceworker.cli;

import org.jspecify.annotations.NullMarked;
