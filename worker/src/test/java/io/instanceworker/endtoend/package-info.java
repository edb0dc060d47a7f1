/** The packaged jar as a process of its own, between a real RabbitMQ and a real PostgreSQL. */
@NullMarked
package io.instanceworker.endtoend;

import org.jspecify.annotations.NullMarked;
