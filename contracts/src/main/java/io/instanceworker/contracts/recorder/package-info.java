/** For those who record results: which event changes what is recorded of an instance, and which comes too late. */
@NullMarked
package io.instanceworker.contracts.recorder;

import org.jspecify.annotations.NullMarked;
