/** Reads and writes the JSON of all messages. For the packages of this module only. */
@NullMarked
package io.instanceworker.contracts.json;

import org.jspecify.annotations.NullMarked;
