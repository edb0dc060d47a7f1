/** Everything that is RabbitMQ: topology, listening, acknowledgement, wait tiers, and publishing that is confirmed. */
@NullMarked
package io.instanceworker.messaging;

import org.jspecify.annotations.NullMarked;
