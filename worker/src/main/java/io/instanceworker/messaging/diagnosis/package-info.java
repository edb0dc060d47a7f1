/** What {@code instancectl doctor} checks at RabbitMQ. */
@NullMarked
package io.instanceworker.messaging.diagnosis;

import org.jspecify.annotations.NullMarked;
