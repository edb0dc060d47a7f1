/** How the JSON of all messages is read and written; for the packages beside it, not for others. */
@NullMarked
package io.instanceworker.contracts.json;

import org.jspecify.annotations.NullMarked;
