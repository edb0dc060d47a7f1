/** The commands that ask the workers and the servers: running, pause, resume, history and doctor. */
@NullMarked
package io.instanceworker.cli.diagnosis;

import org.jspecify.annotations.NullMarked;
