/** Everything about RabbitMQ: topology, consumers, acknowledgements, wait tiers, and publishing with confirms. */
@NullMarked
package io.instanceworker.messaging;

import org.jspecify.annotations.NullMarked;
