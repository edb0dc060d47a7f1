/** For applications that record results: which event changes the recorded status of an instance, and which is too late. */
@NullMarked
package io.instanceworker.contracts.recorder;

import org.jspecify.annotations.NullMarked;
