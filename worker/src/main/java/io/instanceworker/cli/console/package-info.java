/** What all commands of {@code instancectl} share: exit codes, output, and questions to the person at the terminal. */
@NullMarked
package io.instanceworker.cli.console;

import org.jspecify.annotations.NullMarked;
